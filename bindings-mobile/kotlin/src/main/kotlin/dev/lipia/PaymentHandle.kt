package dev.lipia

/**
 * A live payment of this process: see [Client.reserve]. The acceptance and the outcome arrive here, whatever happens to the
 * call that pushed it. Handles of one payment are equal. A test can have handles of its own, for clients of its own.
 */
public interface PaymentHandle : AutoCloseable {
    /** The payment's own id, made before anything was sent. */
    public val id: String

    /** The gateway that prompts the phone. */
    public val gateway: GatewayName

    /** The payment as it is now. */
    public fun snapshot(): Payment

    /** The payment as JSON text, to save. A client's [Client.resume] reads it. */
    public fun toJson(): String

    /**
     * Marks the payment's push as about to leave, for apps that save payments by hand. The payment says `sending` from here on,
     * and an app that reads it after a crash never pushes it again. [Client.request] does this by itself, in the ledger.
     *
     * ```
     * val payment = daraja.reserve(StkPush("0712345678", 150, "INV-001"))
     * payment.begin()
     * file.writeText(payment.toJson())
     * daraja.push(payment)
     * ```
     *
     * @throws LipiaException.LookAtPayment the payment was pushed or begun before.
     */
    @Throws(LipiaException::class)
    public fun begin()

    /**
     * Applies an event that came on this payment's own callback URL, without asking the gateway. For a callback that comes from
     * outside, use [Client.receiveCallback].
     */
    @Throws(LipiaException::class)
    public fun notify(event: Event): Change

    /** Ends this handle and not the payment. A client's [Client.find] and [Client.resume] give another handle. */
    override fun close()
}

/** The handle of a payment in the native library, whose memory goes when nobody holds the handle any more. */
internal class LivePayment(private val native: NativePaymentHandle) : PaymentHandle {
    override val id: String = native.id()
    override val gateway: GatewayName = native.gateway()

    @Volatile
    private var isClosed = false

    override fun snapshot(): Payment = opened().snapshot()

    override fun toJson(): String = opened().toJson()

    override fun begin(): Unit = throwing { opened().nativeBegin() }

    override fun notify(event: Event): Change = throwing { opened().nativeNotify(event) }

    /** Frees nothing by itself: a call on another thread may be using it. */
    override fun close() {
        isClosed = true
    }

    /** The native payment. */
    fun opened(): NativePaymentHandle {
        if (isClosed) {
            throw refused(
                "payment_closed",
                "This payment was closed.",
                "Close it when you are done with it, or not at all; a client's find and resume give another.",
            )
        }
        return native
    }

    override fun equals(other: Any?): Boolean = other is LivePayment && other.id == id

    override fun hashCode(): Int = id.hashCode()

    override fun toString(): String = "PaymentHandle(id=$id)"
}

/** The native payment of a handle, unless the handle was closed or is somebody else's. */
internal fun PaymentHandle.stillOpen(): NativePaymentHandle = when (this) {
    is LivePayment -> opened()
    else -> throw refused(
        "payment_not_live",
        "This payment is not one of Lipia's own.",
        "Hand in what a client's reserve, resume or find gave.",
    )
}

private fun refused(code: String, message: String, hint: String): LipiaException =
    exceptionOf(detailsOf(ErrorKind.INVALID_INPUT, Remedy.CORRECT_INPUT, code, message, hint, field = "payment"))
