package dev.lipia.till.scenes

import kotlin.system.exitProcess
import org.junit.internal.TextListener
import org.junit.runner.JUnitCore
import org.junit.runner.Request

/** Plays one scene: `RunOneKt NAME`. */
fun main(arguments: Array<String>) {
    val core = JUnitCore().apply { addListener(TextListener(System.out)) }
    val result = core.run(Request.method(Scenes::class.java, arguments.single()))
    exitProcess(if (result.wasSuccessful() && result.runCount == 1) 0 else 1)
}
