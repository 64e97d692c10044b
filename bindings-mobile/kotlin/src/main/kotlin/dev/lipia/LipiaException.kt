package dev.lipia

import java.nio.charset.CharacterCodingException
import kotlin.time.Duration

/**
 * A failed call: it could not be made, or its answer was not understood. A customer who cancels is an [Outcome], not an
 * exception.
 *
 * [message] says what happened and what to do next. Each subclass is one thing to do:
 *
 * ```
 * try {
 *     daraja.stkPush(StkPush("0712345678", 150, "INV-001"))
 * } catch (error: LipiaException.FindOut) {
 *     // A phone may have been prompted: wait for the payment, and never push again.
 *     error.payment?.let { daraja.wait(it) }
 * } catch (error: LipiaException.TryAgain) {
 *     // Nobody was prompted. It is safe to send again, after error.retryAfter.
 * } catch (error: LipiaException) {
 *     show(error.message)
 * }
 * ```
 *
 * @property details all fields of the error, as data. No error holds a secret.
 */
public sealed class LipiaException(public val details: ErrorDetails) :
    Exception(details.toString(), AppFailures.behind(details) ?: causeOf(details)) {
    /** What happened, and what to do next. One line. */
    override val message: String get() = super.message.orEmpty()

    /** The kind of trouble, named for what the developer looks at next. */
    public val kind: ErrorKind get() = details.kind

    /** What the error says about the customer's money. */
    public val disposition: Disposition get() = details.disposition

    /** What to do next: the word for this class. */
    public val remedy: Remedy get() = details.remedy

    /** The gateway's own code (`500.001.1001`) where there is one, else one of Lipia's words (`phone_too_short`). */
    public val code: String get() = details.code

    /** What to do next. Part of [message]. */
    public val hint: String? get() = details.hint

    /** The argument or setting that is at fault, by its name in Kotlin: `phoneNumber`. */
    public val field: String? get() = details.field

    /** The HTTP status of the gateway's answer, where there was one. */
    public val httpStatus: Int? get() = details.httpStatus

    /** The gateway's id for the request, which its support desk asks for. */
    public val requestId: String? get() = details.requestId

    /** The prompt's id, where the error concerns a prompt that has one. It embeds the payer's phone number. */
    public val checkoutRequestId: String? get() = details.checkoutRequestId

    /** The id of the payment that the error concerns. */
    public val paymentId: String? get() = details.paymentId

    /**
     * The live payment that the error concerns, where the client holds it. After [FindOut] it is the payment to wait for,
     * after [LookAtPayment] the payment that was pushed before.
     */
    public var payment: PaymentHandle? = null
        internal set

    /** The time to wait before trying again, where that is known. */
    public val retryAfter: Duration? get() = details.retryAfter

    /** Whether it is **safe to send again**: no phone was prompted, and time alone may mend the trouble. */
    public val retryable: Boolean get() = details.retryable

    /** Correct the argument that [field] names. Nothing was sent. */
    public class CorrectInput internal constructor(details: ErrorDetails) : LipiaException(details)

    /** Correct the settings or the credentials. No phone was prompted. */
    public class CorrectSettings internal constructor(details: ErrorDetails) : LipiaException(details)

    /** Look at the payment, and do not push it again: the call does not fit its state. */
    public class LookAtPayment internal constructor(details: ErrorDetails) : LipiaException(details)

    /** Find out what happened: a phone may have been prompted. Wait for the outcome, and do not send again. */
    public class FindOut internal constructor(details: ErrorDetails) : LipiaException(details)

    /** Try again, after [retryAfter] where that is known: no phone was prompted, and sending again is safe. */
    public class TryAgain internal constructor(details: ErrorDetails) : LipiaException(details)

    /** Send nothing for a while: the gateway, or the guard ahead of it, refuses all pushes of the account or phone. */
    public class HoldBack internal constructor(details: ErrorDetails) : LipiaException(details)

    /** Change the request: the gateway refused it, and would refuse it again unchanged. */
    public class ChangeRequest internal constructor(details: ErrorDetails) : LipiaException(details)

    /** Believe nothing of this request: it is not a callback, or not one that can be trusted. */
    public class Disbelieve internal constructor(details: ErrorDetails) : LipiaException(details)
}

/** The exception for an error's data, of the class that says what to do and in Kotlin's words. */
internal fun exceptionOf(details: ErrorDetails): LipiaException {
    val spelled = inKotlin(details)
    return when (spelled.remedy) {
        Remedy.CORRECT_INPUT -> LipiaException.CorrectInput(spelled)
        Remedy.CORRECT_SETTINGS -> LipiaException.CorrectSettings(spelled)
        Remedy.LOOK_AT_PAYMENT -> LipiaException.LookAtPayment(spelled)
        Remedy.FIND_OUT -> LipiaException.FindOut(spelled)
        Remedy.TRY_AGAIN -> LipiaException.TryAgain(spelled)
        Remedy.HOLD_BACK -> LipiaException.HoldBack(spelled)
        Remedy.CHANGE_REQUEST -> LipiaException.ChangeRequest(spelled)
        Remedy.DISBELIEVE -> LipiaException.Disbelieve(spelled)
    }
}

/** The error in Kotlin's words: what the core calls `fit = truncate` is `fit = Fit.TRUNCATE` here. */
private fun inKotlin(details: ErrorDetails): ErrorDetails =
    details.copy(message = spelled(details.message), hint = details.hint?.let(::spelled))

/** An argument and its value, as both phone languages are told of them. */
private val ASSIGNMENT = Regex("`(\\w+)` set to `(\\w+)`")

/** A sentence of both phone languages, with its arguments as Kotlin writes them. An enum has its argument's name. */
private fun spelled(sentence: String): String = ASSIGNMENT.replace(sentence) { assignment ->
    val (name, value) = assignment.destructured
    val isFlag = value == "true" || value == "false"
    if (isFlag) "`$name = $value`" else "`$name = ${name.replaceFirstChar(Char::uppercase)}.${value.uppercase()}`"
}

/**
 * Runs a call of the native library, and throws its errors as [LipiaException].
 *
 * @param client the client that may hold the payment that an error concerns.
 */
internal inline fun <T> throwing(client: NativeClient? = null, call: () -> T): T = try {
    call()
} catch (error: NativeException.Failed) {
    throw exceptionOf(error.details).also { it.payment = client?.paymentOf(error.details) }
} catch (error: CharacterCodingException) {
    throw halfACharacter(error)
}

/** The live payment that an error concerns. */
internal fun NativeClient.paymentOf(details: ErrorDetails): PaymentHandle? = details.paymentId?.let { find(it) }?.let(::LivePayment)

/** The exception with the frames of its caller below its own, where a coroutine has lost them. */
internal fun LipiaException.calledFrom(called: Throwable): LipiaException = apply {
    // The first frame is this library's, at another line.
    val callers = called.stackTrace.drop(1)
    if (callers.isNotEmpty() && callers.first() !in stackTrace) stackTrace = stackTrace + callers
}

/** The underlying errors, each as the cause of the one before. */
private fun causeOf(details: ErrorDetails): Throwable? =
    details.causes.foldRight<String, Throwable?>(null) { cause, beneath -> Exception(cause, beneath) }

/** The error for a text with half a surrogate pair, which cannot be encoded. The border refuses it before the core sees it. */
internal fun halfACharacter(error: CharacterCodingException): LipiaException = exceptionOf(
    detailsOf(
        ErrorKind.INVALID_INPUT,
        Remedy.CORRECT_INPUT,
        "text_not_unicode",
        "A text holds half a character, which no message can carry.",
        "Decode it with the encoding that it was written in.",
    ),
).also { it.addSuppressed(error) }

/** The data of an error that is found in Kotlin, before anything was sent. */
internal fun detailsOf(
    kind: ErrorKind,
    remedy: Remedy,
    code: String,
    message: String,
    hint: String,
    field: String? = null,
): ErrorDetails =
    ErrorDetails(
        kind = kind,
        disposition = Disposition.NOT_SENT,
        remedy = remedy,
        code = code,
        message = message,
        hint = hint,
        field = field,
        httpStatus = null,
        requestId = null,
        checkoutRequestId = null,
        paymentId = null,
        retryAfter = null,
        retryable = false,
        causes = emptyList(),
    )
