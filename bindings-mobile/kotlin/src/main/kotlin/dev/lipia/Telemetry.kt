package dev.lipia

/**
 * Sets the observer of Lipia's spans and counts, for the whole process and in place of any earlier one. Their names are
 * OpenTelemetry's where it has them; no attribute has a secret or a whole phone number.
 *
 * ```
 * setObserver { span -> Log.d("lipia", "${span.name} ${span.duration} ${span.attributes}") }
 * ```
 *
 * @param onCount called with one more for a counter.
 * @param onSpan called with each span that has ended, children before their parents. Both are called on any thread and in the
 * middle of a call: pass on what you are given and return. Their exceptions are dropped. `null` turns both off.
 */
public fun setObserver(onCount: (TelemetryCount) -> Unit = {}, onSpan: ((TelemetrySpan) -> Unit)?) {
    nativeSetTelemetryListener(onSpan?.let { GuardedObserver(onCount, it) })
}

/** An observer whose exceptions do not reach the call that is observed. */
private class GuardedObserver(
    private val onCount: (TelemetryCount) -> Unit,
    private val onSpan: (TelemetrySpan) -> Unit,
) : NativeTelemetryListener {
    override fun span(span: TelemetrySpan) {
        runCatching { onSpan(span) }
    }

    override fun count(count: TelemetryCount) {
        runCatching { onCount(count) }
    }
}
