package dev.lipia.till.app

import android.os.Bundle
import androidx.activity.ComponentActivity
import androidx.activity.compose.setContent
import androidx.compose.material3.MaterialTheme
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.produceState
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import androidx.lifecycle.compose.collectAsStateWithLifecycle
import dev.lipia.till.TillViewModel
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.launch

class MainActivity : ComponentActivity() {
    private val app get() = application as TillApp

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        setContent {
            MaterialTheme {
                val till by produceState<TillViewModel?>(null) { value = app.till() }
                till?.let { Screens(it) }
            }
        }
    }

    @Composable
    private fun Screens(till: TillViewModel) {
        var areKeysWanted by remember { mutableStateOf(!app.keys.areThere) }
        var complaint by remember { mutableStateOf<String?>(null) }
        // In the app's scope: a sale outlives the screen.
        fun attempt(work: suspend () -> Unit) {
            complaint = null
            app.scope.launch {
                try {
                    work()
                } catch (error: CancellationException) {
                    throw error
                } catch (error: Exception) {
                    // A LipiaException's message is the sentence for a person.
                    complaint = error.message
                }
            }
        }
        if (areKeysWanted) {
            SetUpScreen(
                complaint,
                keep = { keys ->
                    attempt {
                        app.keep(keys)
                        areKeysWanted = false
                    }
                },
                back = { areKeysWanted = false; complaint = null }.takeIf { app.keys.areThere },
            )
        } else {
            val sales by till.sales.collectAsStateWithLifecycle()
            TillScreen(
                sales,
                complaint,
                sell = { phone, amount, reference -> attempt { till.sell(phone, amount, reference) } },
                changeKeys = { areKeysWanted = true; complaint = null },
            )
        }
    }

    override fun onStop() {
        super.onStop()
        if (!isChangingConfigurations) app.toBackground()
    }
}
