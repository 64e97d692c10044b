package dev.lipia.till.app

import android.os.Bundle
import androidx.activity.ComponentActivity
import androidx.activity.compose.setContent
import androidx.compose.material3.MaterialTheme
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import androidx.lifecycle.compose.collectAsStateWithLifecycle
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.launch

class MainActivity : ComponentActivity() {
    private val app get() = application as TillApp

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        setContent {
            MaterialTheme {
                var areKeysThere by remember { mutableStateOf(app.keys.areThere) }
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
                if (areKeysThere) {
                    val sales by app.till.sales.collectAsStateWithLifecycle()
                    TillScreen(sales, complaint) { phone, amount, reference ->
                        attempt { app.till.sell(phone, amount, reference) }
                    }
                } else {
                    SetUpScreen(complaint) { keys ->
                        attempt {
                            app.keys.keep(keys)
                            areKeysThere = true
                            app.start()
                        }
                    }
                }
            }
        }
    }

    override fun onStop() {
        super.onStop()
        if (!isChangingConfigurations) app.toBackground()
    }
}
