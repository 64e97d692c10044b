package com.example.till

import dev.lipia.ClientSettings
import dev.lipia.Credentials
import dev.lipia.CredentialsProvider
import dev.lipia.Daraja
import dev.lipia.Ledger
import dev.lipia.LipiaException
import dev.lipia.LogLevel
import dev.lipia.Progress
import dev.lipia.StkPush
import dev.lipia.WaitOptions
import dev.lipia.setLogger
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import java.nio.file.Path
import java.util.concurrent.atomic.AtomicInteger
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/**
 * An app that goes through every kind of call into the native library and out of it: values and errors, calls that suspend,
 * objects, progress, and what the library calls back. What a shrinker took from it, it would fail without.
 *
 * @param arguments the sandbox's address and pass key, and the file of a ledger.
 */
fun main(arguments: Array<String>): Unit = runBlocking {
    val lines = AtomicInteger()
    setLogger(LogLevel.DEBUG) { _, _ -> lines.incrementAndGet() }
    val asked = AtomicInteger()
    val provider = CredentialsProvider {
        asked.incrementAndGet()
        Credentials.daraja("sandbox-key", "sandbox-secret", "174379", arguments[1])
    }
    val settings = ClientSettings(
        baseUrl = arguments[0],
        callbackUrl = "http://127.0.0.1:9/pay",
        wait = WaitOptions(timeout = 20.seconds, firstQueryAfter = 100.milliseconds, queryEvery = 100.milliseconds),
    )
    Daraja(provider, settings, ledger = Ledger.file(Path.of(arguments[2]))).use { daraja ->
        val sold = daraja.collect(StkPush("0712 345 678", 149, "INV-0"), order = "table-9")
        val told = daraja.outcomes.first()
        println("told ${told.payment.order} ${told.payment.id == sold.id} ${told.payment.orderIsPaid} ${told.done()}")

        val payment = daraja.collect(StkPush("0712 345 678", 150, "INV-1"))
        println("collected ${payment.outcome.word} ${payment.push.amount} ${payment.isPaid}")

        val reserved = daraja.reserve(StkPush("0712 345 678", 151, "INV-2"))
        daraja.push(reserved)
        val progress = daraja.watch(reserved).toList()
        val settled = progress.filterIsInstance<Progress.Settled>().single()
        println("watched ${settled.payment.outcome.word} ${settled.payment.push.amount}")

        daraja.resume(reserved.toJson()).use { println("resumed ${it.snapshot().id == reserved.id}") }
        try {
            daraja.stkPush(StkPush("12", 1, "INV-3"))
        } catch (error: LipiaException.CorrectInput) {
            println("refused ${error.field} ${error.disposition.word}")
        }
    }
    println("called back ${asked.get()} ${lines.get() > 0}")
    setLogger(logger = null)
}
