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
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.saveable.rememberSaveable
import androidx.compose.runtime.setValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.LocalConfiguration
import androidx.compose.ui.res.stringResource
import androidx.compose.ui.text.input.KeyboardType
import androidx.compose.ui.text.input.PasswordVisualTransformation
import androidx.compose.ui.text.input.VisualTransformation
import androidx.compose.ui.unit.dp
import dev.lipia.till.News
import dev.lipia.till.Sale
import dev.lipia.till.Stage

/** The till: what is sold, and what became of what was. [changeKeys] leads back to the keys, which may be wrong. */
@Composable
fun TillScreen(
    sales: List<Sale>,
    complaint: String?,
    sell: (phone: String, amount: String, reference: String) -> Unit,
    changeKeys: () -> Unit,
) {
    var amount by rememberSaveable { mutableStateOf("") }
    var phone by rememberSaveable { mutableStateOf("") }
    var reference by rememberSaveable { mutableStateOf("") }
    Column(Modifier.padding(16.dp)) {
        Field(stringResource(R.string.amount), amount, KeyboardType.Number) { amount = it }
        Field(stringResource(R.string.phone), phone, KeyboardType.Phone) { phone = it }
        Field(stringResource(R.string.reference), reference) { reference = it }
        Button(onClick = { sell(phone, amount, reference) }) { Text(stringResource(R.string.ask)) }
        TextButton(onClick = changeKeys) { Text(stringResource(R.string.keys_again)) }
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

/** The keys, typed in. What is there already stays until other keys are kept: [back] leaves it as it is. */
@Composable
fun SetUpScreen(complaint: String?, keep: (DarajaKeys) -> Unit, back: (() -> Unit)?) {
    // Not saveable: the system writes what is saveable to its own files.
    var consumerKey by remember { mutableStateOf("") }
    var consumerSecret by remember { mutableStateOf("") }
    var shortCode by remember { mutableStateOf("") }
    var passKey by remember { mutableStateOf("") }
    Column(Modifier.padding(16.dp)) {
        Text(stringResource(R.string.keys_intro))
        Field(stringResource(R.string.consumer_key), consumerKey, KeyboardType.Password) { consumerKey = it }
        Field(stringResource(R.string.consumer_secret), consumerSecret, KeyboardType.Password) { consumerSecret = it }
        Field(stringResource(R.string.short_code), shortCode, KeyboardType.Number) { shortCode = it }
        Field(stringResource(R.string.pass_key), passKey, KeyboardType.Password) { passKey = it }
        Button(onClick = { keep(DarajaKeys(consumerKey, consumerSecret, shortCode, passKey)) }) {
            Text(stringResource(R.string.keep))
        }
        back?.let { TextButton(onClick = it) { Text(stringResource(R.string.back)) } }
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

@Composable
private fun words(stage: Stage): String = when (stage) {
    Stage.Prompting -> stringResource(R.string.prompting)
    is Stage.Waiting -> when (stage.news) {
        News.Accepted, News.StillAsking, News.Something -> stringResource(R.string.waiting, stage.elapsed.inWholeSeconds)
        is News.AnswerLost -> stringResource(R.string.answer_lost)
        News.TakenUp -> stringResource(R.string.taken_up)
        is News.NotTold -> stringResource(R.string.slow)
    }
    is Stage.Paid -> stage.receipt?.let { stringResource(R.string.paid_with_receipt, it) } ?: stringResource(R.string.paid)
    // What the customer may be told, in the language of the device.
    is Stage.NotPaid -> stringResource(R.string.not_paid, if (isSwahili()) stage.swahili else stage.english)
    is Stage.NotPrompted -> stringResource(R.string.not_prompted, stage.why)
    Stage.Open -> stringResource(R.string.open)
}

@Composable
private fun isSwahili(): Boolean = LocalConfiguration.current.locales[0].language == "sw"
