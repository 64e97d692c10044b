// A till for the terminal: `kotlin-till AMOUNT PHONE REFERENCE`, or it asks. See README.md for what it is told from outside.
package dev.lipia.till

import dev.lipia.Client
import dev.lipia.Daraja
import dev.lipia.LipiaException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.async
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeoutOrNull
import kotlin.concurrent.thread
import kotlin.system.exitProcess
import kotlin.time.Duration.Companion.seconds

private const val PAID = 0
private const val NOT_PAID = 1
private const val WRONG = 2
private const val OPEN = 3

fun main(arguments: Array<String>) {
    if (arguments.size !in setOf(0, 3)) quit("Say AMOUNT PHONE REFERENCE, or nothing: then you are asked.")
    val code = try {
        val surroundings = Surroundings()
        val client = Daraja(surroundings.credentials, surroundings.settings, ledger = surroundings.ledger)
        runBlocking {
            val model = TillViewModel(client, surroundings.wait, lookEvery = surroundings.lookEvery)
            val work = async { run(model, arguments.toList()) }
            closeWell(work, client)
            work.await()
        }
    } catch (error: LipiaException) {
        quit(error.message)
    } catch (error: WrongSurroundings) {
        quit(error.message.orEmpty())
    }
    exitProcess(code)
}

private suspend fun CoroutineScope.run(model: TillViewModel, arguments: List<String>): Int {
    val terminal = Terminal()
    val showing = launch { model.sales.collect(terminal::show) }
    val listening = launch { model.listen() }
    val takingUp = launch { model.takeUp() }
    val ended = sale(arguments, terminal)?.let { (amount, phone, reference) -> model.sell(phone, amount, reference) }
    takingUp.join()
    listening.cancel()
    showing.cancel()
    terminal.show(model.sales.value)
    return when {
        ended is Stage.Open || model.sales.value.any { it.stage is Stage.Open } -> OPEN
        ended == null || ended is Stage.Paid -> PAID
        else -> NOT_PAID
    }
}

private suspend fun sale(arguments: List<String>, terminal: Terminal): List<String>? {
    if (arguments.isNotEmpty()) return arguments
    val amount = terminal.ask("Amount in KES (nothing: no sale)") ?: return null
    val phone = terminal.ask("Phone") ?: return null
    val reference = terminal.ask("Reference") ?: return null
    return listOf(amount, phone, reference)
}

/** Ctrl-C: a push that is on its way learns its answer, and that is saved. What is open is taken up at the next start. */
private fun closeWell(work: Job, client: Client) {
    val closing = thread(start = false) {
        val isInterrupted = work.isActive
        work.cancel()
        runBlocking { withTimeoutOrNull(20.seconds) { client.drain() } }
        client.close()
        if (isInterrupted) println("Closed. What is open is taken up at the next start.")
    }
    Runtime.getRuntime().addShutdownHook(closing)
}

private fun quit(why: String): Nothing {
    System.err.println(why)
    exitProcess(WRONG)
}
