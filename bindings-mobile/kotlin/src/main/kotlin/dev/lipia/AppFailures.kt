package dev.lipia

/**
 * The exceptions that the app's own code (its credentials provider) threw last, by their words. Words are all that crosses the
 * border, and the exception that a call ends with shows the app's own one.
 */
internal object AppFailures {
    /** More than calls that end at one moment for reasons of their own. */
    private const val MOST = 32

    private val latest = object : LinkedHashMap<String, Throwable>() {
        override fun removeEldestEntry(eldest: MutableMap.MutableEntry<String, Throwable>?): Boolean = size > MOST
    }

    /** Keeps an exception, and returns the words to find it by. */
    fun keep(error: Throwable): String = error.toString().also { synchronized(latest) { latest[it] = error } }

    /** The exception behind an error that says the app's own code had failed. */
    fun behind(details: ErrorDetails): Throwable? {
        if (details.kind != ErrorKind.STORAGE) return null
        val words = details.causes.firstOrNull() ?: return null
        return synchronized(latest) { latest[words] }
    }
}

/** Runs the app's own code, and turns each of its failures into one that the border can carry. Any other would hang the call. */
internal inline fun <T> orAppException(code: () -> T): T = try {
    code()
} catch (error: LipiaException) {
    // The call that asked the app ends with that one.
    throw NativeAppException.Lipia(error.details)
} catch (error: Throwable) {
    throw NativeAppException.Failed(AppFailures.keep(error))
}
