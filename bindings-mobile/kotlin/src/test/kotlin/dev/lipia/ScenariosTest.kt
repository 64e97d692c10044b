package dev.lipia

import dev.lipia.support.PATIENCE
import dev.lipia.support.Repository
import dev.lipia.support.Story
import dev.lipia.support.textOf
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.DynamicTest.dynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory
import org.junit.jupiter.api.parallel.Execution
import org.junit.jupiter.api.parallel.ExecutionMode
import kotlin.test.assertEquals
import kotlin.test.assertTrue

/** Plays every story of `core/scenarios`: the same stories that every other language plays. */
class ScenariosTest {
    private val names = Repository.filesIn("scenarios").filter { it.endsWith(".json") }.map { it.removeSuffix(".json") }

    private fun stories(name: String) = (Repository.scenarios("$name.json") as JsonArray).map { it as JsonObject }

    @Test
    fun `no story is lost`() {
        // How many stories each file had when this was last looked at.
        val least = mapOf(
            "pushes" to 31, "input" to 13, "tokens" to 14, "outcomes" to 39, "callbacks" to 31, "waits" to 18, "gateways" to 43,
            "queries" to 4,
        )
        assertEquals(least.keys, names.toSet())
        for ((name, count) in least) {
            val titles = stories(name).map { it.textOf("name") }
            assertTrue(titles.size >= count, "$name has lost stories: ${titles.size}")
            assertEquals(titles.size, titles.toSet().size)
        }
    }

    /** Several at a time: each has a sandbox of its own, and most of it is waiting. */
    @TestFactory
    @Execution(ExecutionMode.CONCURRENT)
    fun `a story comes out as told`(): List<DynamicTest> = names.flatMap { name ->
        stories(name).map { story ->
            dynamicTest("$name: ${story.textOf("name")}") {
                runBlocking { withTimeout(PATIENCE) { Story.play(story) } }
            }
        }
    }
}
