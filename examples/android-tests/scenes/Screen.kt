package dev.lipia.till.scenes

import android.os.Looper
import android.view.View
import android.view.ViewGroup
import androidx.compose.ui.node.RootForTest
import androidx.compose.ui.semantics.SemanticsActions
import androidx.compose.ui.semantics.SemanticsNode
import androidx.compose.ui.semantics.SemanticsProperties
import androidx.compose.ui.semantics.getOrNull
import androidx.compose.ui.text.AnnotatedString
import dev.lipia.till.app.MainActivity
import java.time.Duration
import org.robolectric.Robolectric
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController

/** The app's screen, as who reads it aloud sees it: by what is written there. */
class Screen {
    private var controller: ActivityController<MainActivity> = Robolectric.buildActivity(MainActivity::class.java)

    /** The app is opened. */
    fun open(): Screen = apply { controller.setup() }

    /** Android turns it: the activity goes, and another comes with what was saved of it. */
    fun turn() {
        controller.recreate()
    }

    /** Another app is in front, and after a while the activity is let go. */
    fun toBackground() {
        controller.pause().stop()
        settle()
        controller.destroy()
    }

    /** It is opened again in the same process. */
    fun reopen() {
        controller = Robolectric.buildActivity(MainActivity::class.java)
        open()
    }

    fun type(label: String, text: String) {
        val field = await("a field '$label'") {
            nodes().find { it.config.contains(SemanticsActions.SetText) && label in it.texts() }
        }
        field.config[SemanticsActions.SetText].action!!(AnnotatedString(text))
        settle()
    }

    fun tap(label: String) {
        button(label)()
        settle()
    }

    /** What a button does when it is tapped. */
    fun button(label: String): () -> Unit {
        val found = await("a button '$label'") {
            nodes().find { it.config.contains(SemanticsActions.OnClick) && label in it.texts() }
        }
        return { found.config[SemanticsActions.OnClick].action!!() }
    }

    /** Waits until something that is written there fits, and returns it. */
    fun read(expected: Regex): String = await("'$expected'") { written().find(expected::containsMatchIn) }

    fun written(): List<String> = nodes().flatMap { it.texts() }

    private fun <T : Any> await(what: String, look: () -> T?): T {
        val until = System.nanoTime() + LONGEST.toNanos()
        while (System.nanoTime() < until) {
            settle()
            look()?.let { return it }
            Thread.sleep(20)
        }
        throw AssertionError("$what is not on the screen within ${LONGEST.seconds} s; there is ${written()}")
    }

    /** Lets Android's main thread do what is due, and Compose draw. */
    private fun settle() {
        shadowOf(Looper.getMainLooper()).idleFor(Duration.ofMillis(50))
    }

    private fun nodes(): List<SemanticsNode> =
        roots(controller.get().window.decorView).flatMap { it.semanticsOwner.rootSemanticsNode.all() }

    private fun roots(view: View): List<RootForTest> = when (view) {
        is RootForTest -> listOf(view)
        is ViewGroup -> (0 until view.childCount).flatMap { roots(view.getChildAt(it)) }
        else -> emptyList()
    }

    private fun SemanticsNode.all(): List<SemanticsNode> = listOf(this) + children.flatMap { it.all() }

    private fun SemanticsNode.texts(): List<String> =
        config.getOrNull(SemanticsProperties.Text).orEmpty().map { it.text }

    private companion object {
        /** Longer than anything takes on a slow machine. */
        val LONGEST: Duration = Duration.ofSeconds(60)
    }
}
