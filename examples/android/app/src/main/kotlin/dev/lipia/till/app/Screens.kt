package dev.lipia.till.app

import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.lazy.LazyColumn
import androidx.compose.foundation.lazy.items
import androidx.compose.foundation.text.KeyboardOptions
import androidx.compose.material3.Button
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.OutlinedTextField
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.saveable.rememberSaveable
import androidx.compose.runtime.setValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.text.input.KeyboardType
import androidx.compose.ui.text.input.PasswordVisualTransformation
import androidx.compose.ui.text.input.VisualTransformation
import androidx.compose.ui.unit.dp
import dev.lipia.till.News
import dev.lipia.till.Sale
import dev.lipia.till.Stage

@Composable
fun TillScreen(sales: List<Sale>, complaint: String?, sell: (phone: String, amount: String, reference: String) -> Unit) {
    var amount by rememberSaveable { mutableStateOf("") }
    var phone by rememberSaveable { mutableStateOf("") }
    var reference by rememberSaveable { mutableStateOf("") }
    Column(Modifier.padding(16.dp)) {
        Field("Amount in KES", amount, KeyboardType.Number) { amount = it }
        Field("Phone", phone, KeyboardType.Phone) { phone = it }
        Field("Reference", reference) { reference = it }
        Button(onClick = { sell(phone, amount, reference) }) { Text("Ask for payment") }
        complaint?.let { Text(it, color = MaterialTheme.colorScheme.error) }
        LazyColumn {
            items(sales.asReversed(), key = Sale::reference) { sale ->
                Column(Modifier.padding(vertical = 8.dp)) {
                    Text("${sale.reference}  KES ${sale.amount}  ${sale.phone}")
                    Text(words(sale.stage))
                }
            }
        }
    }
}

@Composable
fun SetUpScreen(complaint: String?, keep: (DarajaKeys) -> Unit) {
    // Not saveable: the system writes what is saveable to its own files.
    var consumerKey by remember { mutableStateOf("") }
    var consumerSecret by remember { mutableStateOf("") }
    var shortCode by remember { mutableStateOf("") }
    var passKey by remember { mutableStateOf("") }
    Column(Modifier.padding(16.dp)) {
        Text("The shop's own keys, from Safaricom's portal. They stay on this device.")
        Field("Consumer key", consumerKey, KeyboardType.Password) { consumerKey = it }
        Field("Consumer secret", consumerSecret, KeyboardType.Password) { consumerSecret = it }
        Field("Short code", shortCode, KeyboardType.Number) { shortCode = it }
        Field("Pass key", passKey, KeyboardType.Password) { passKey = it }
        Button(onClick = { keep(DarajaKeys(consumerKey, consumerSecret, shortCode, passKey)) }) { Text("Keep") }
        complaint?.let { Text(it, color = MaterialTheme.colorScheme.error) }
    }
}

@Composable
private fun Field(label: String, value: String, keyboard: KeyboardType = KeyboardType.Text, change: (String) -> Unit) {
    val isSecret = keyboard == KeyboardType.Password
    OutlinedTextField(
        value,
        onValueChange = change,
        label = { Text(label) },
        singleLine = true,
        visualTransformation = if (isSecret) PasswordVisualTransformation() else VisualTransformation.None,
        keyboardOptions = KeyboardOptions(keyboardType = keyboard),
        modifier = Modifier.fillMaxWidth(),
    )
}

private fun words(stage: Stage): String = when (stage) {
    Stage.Prompting -> "Sending the prompt …"
    is Stage.Waiting -> when (stage.news) {
        News.Accepted, News.StillAsking, News.Something -> "Waiting for the PIN, ${stage.elapsed.inWholeSeconds} s"
        is News.AnswerLost -> "The phone may have been prompted. Finding out …"
        News.TakenUp -> "Prompted for before. Finding out …"
        is News.NotTold -> "M-Pesa is slow, still asking"
    }
    is Stage.Paid -> "Paid${stage.receipt?.let { ", receipt $it" }.orEmpty()}"
    is Stage.NotPaid -> "Not paid. ${stage.english}\n${stage.swahili}"
    is Stage.NotPrompted -> "Nobody was prompted. ${stage.why}"
    Stage.Open -> "Nobody can say yet. Look at the statement; do not sell it again."
}
