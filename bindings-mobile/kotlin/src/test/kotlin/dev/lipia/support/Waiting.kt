package dev.lipia.support

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource

/** How long anything on this machine may take before a test gives up on it. */
val PATIENCE: Duration = 60.seconds

/** Runs a test that suspends, and gives up on it in the end. */
fun test(body: suspend CoroutineScope.() -> Unit): Unit = runBlocking { withTimeout(PATIENCE, body) }

/** Waits until something holds that comes about by itself. */
suspend fun eventually(what: String, patience: Duration = PATIENCE, holds: suspend () -> Boolean) {
    val began = TimeSource.Monotonic.markNow()
    while (!holds()) {
        check(began.elapsedNow() < patience) { "it never came about that $what" }
        delay(2.milliseconds)
    }
}
