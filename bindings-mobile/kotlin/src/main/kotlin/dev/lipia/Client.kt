package dev.lipia

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.launch
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/**
 * One merchant at one gateway: [Daraja], [PalPluss], [UpesiPay] or [PayHero]. Making one starts nothing: no thread, no connection, and
 * the credentials are not asked for. One client serves any number of coroutines.
 *
 * **Cancellation.** A coroutine that is cancelled ends at once. A push that it had begun goes on by itself, since the
 * customer may have been prompted: what comes of it is written into the payment, and a payment that nobody holds is in
 * [unclaimed]. Only who reserves the payment beforehand ([reserve], then [push]) or gives a [PaymentStore] has it also when
 * the whole app is killed.
 *
 * **Times.** Of a call: `timeout` of the call, else of [ClientSettings], else 30 seconds. Of a wait: [WaitOptions].
 */
public sealed class Client(
    gateway: NativeGateway,
    credentials: CredentialsProvider,
    settings: ClientSettings,
    store: PaymentStore?,
) : AutoCloseable {
    private val native = throwing {
        // A library of another version is found out here, and not by what it does to memory.
        uniffiEnsureInitialized()
        NativeClient(gateway, settings, GuardedProvider(credentials), store?.let(::GuardedStore))
    }

    @Volatile
    private var isClosed = false

    /** Which gateway it speaks to. */
    public val gateway: GatewayName get() = native.gateway()

    /**
     * Prompts a phone once, and returns the gateway's "accepted for processing", which is **not** a payment.
     *
     * A call whose answer is lost is never repeated: it throws [LipiaException.FindOut], whose `payment` is the one to wait
     * for. Where the coroutine is cancelled, [unclaimed] has the payment.
     *
     * ```
     * val acceptance = daraja.stkPush(StkPush("0712345678", 150, "INV-001"))
     * ```
     *
     * @param timeout the time for the call: credentials, token, request, answer and whatever is resent.
     * @throws LipiaException.CorrectInput an argument is not valid; nothing was sent.
     * @throws LipiaException.FindOut a phone may have been prompted: wait for the outcome, never push again.
     * @throws LipiaException.TryAgain nobody was prompted: it is safe to send again.
     * @throws LipiaException other things to do next: see its subclasses.
     */
    public suspend fun stkPush(push: StkPush, timeout: Duration? = null): Acceptance =
        sale(push, timeout, null) { it.push(null) }

    /**
     * Prompts a phone once and waits for the outcome. Where the push's answer is lost it goes on waiting for the callback,
     * which names the payment all the same. Where it throws [LipiaException.FindOut], the exception has the payment; where
     * the coroutine is cancelled, [unclaimed] has it.
     *
     * ```
     * val payment = daraja.collect(StkPush("0712345678", 150, "INV-001"))
     * if (payment.isPaid) println("paid: ${payment.receipt}")
     * ```
     *
     * @throws LipiaException as [stkPush]; [LipiaException.FindOut] only after the whole wait brought nothing.
     */
    public suspend fun collect(push: StkPush, wait: WaitOptions? = null): Payment =
        sale(push, null, wait) { it.collect(null) }

    /**
     * [collect] for a payment that exists: one that was reserved is pushed, one that was pushed before (and resumed, say) is
     * only waited for.
     */
    public suspend fun collect(payment: PaymentHandle, wait: WaitOptions? = null): Payment =
        call { it.collectPayment(payment.stillOpen(), wait, null) }

    /**
     * Makes a payment: checked, with its own id and its own callback URL, and not sent. Save it now, and nothing that
     * happens later can orphan it; then [push] it.
     *
     * @throws LipiaException.CorrectInput naming the argument that is not valid.
     */
    public fun reserve(push: StkPush): PaymentHandle = throwing { open().reserve(push) }

    /**
     * Pushes a payment that was reserved. What comes of it is written into the payment, even where nobody waits for it any
     * more.
     *
     * @throws LipiaException.LookAtPayment where it was pushed before.
     * @throws LipiaException as [stkPush].
     */
    public suspend fun push(payment: PaymentHandle, timeout: Duration? = null): Acceptance =
        call { it.push(payment.stillOpen(), timeout, null) }

    /**
     * Asks the gateway about a payment now, and writes what is learnt into it. Prompts nobody. A payment that is settled is
     * asked about as well: `lookAgainAt` of a payment says when a failure is worth another look, and a success that is found
     * so is money.
     *
     * ```
     * val payment = daraja.ask(handle)
     * ```
     *
     * @throws LipiaException.LookAtPayment where it was never pushed, or where nothing is known to ask by.
     * @throws LipiaException where the question could not be asked or the answer not be understood.
     */
    public suspend fun ask(payment: PaymentHandle, timeout: Duration? = null): Payment =
        call { it.ask(payment.stillOpen(), timeout, null) }

    /** [stkQuery] for what the gateway accepted, by the id that this gateway is asked by. */
    public suspend fun stkQuery(acceptance: Acceptance, timeout: Duration? = null): Status =
        stkQuery(acceptance.id, timeout)

    /**
     * Asks what became of a prompt. Prompts nobody, and is safe to repeat; gateways dislike more than one question in about
     * ten seconds. "Still processing" and "no information" are answers: [Outcome.PENDING] and [Outcome.UNKNOWN].
     *
     * @param checkoutRequestId the prompt's id, from the acceptance.
     * @throws LipiaException where the question could not be asked or the answer not be understood.
     */
    public suspend fun stkQuery(checkoutRequestId: String, timeout: Duration? = null): Status =
        call { it.stkQuery(checkoutRequestId, timeout, null) }

    /**
     * Waits until a payment is settled or the time is up, asking the gateway now and then. Ends at once when a callback
     * that settles it is handed in ([receiveCallback]).
     *
     * A payment whose time is up is [Outcome.PENDING] or [Outcome.UNKNOWN]: it may yet be paid, so wait again later rather
     * than push again.
     *
     * @throws LipiaException.LookAtPayment where it was never pushed.
     */
    public suspend fun wait(payment: PaymentHandle, wait: WaitOptions? = null): Payment =
        call { it.waitFor(payment.stillOpen(), wait, null) }

    /**
     * Waits for a prompt of which nothing is known but its id. Only the gateway's answers are learnt: no callback can end
     * it.
     */
    public suspend fun wait(checkoutRequestId: String, wait: WaitOptions? = null): Status =
        call { it.waitById(checkoutRequestId, wait, null) }

    /** [wait] for what the gateway accepted, by the id that this gateway is asked by. */
    public suspend fun wait(acceptance: Acceptance, wait: WaitOptions? = null): Status = wait(acceptance.id, wait)

    /**
     * Waits as [wait] does, and tells what happens meanwhile. Each collection of the flow is a wait of its own; it ends
     * with [Progress.Settled] or [Progress.TimedOut]. Whoever stops collecting ends that wait, and leaves the payment as
     * it is.
     *
     * ```
     * daraja.watch(payment).collect { progress -> show(progress) }
     * ```
     *
     * @throws LipiaException.LookAtPayment when collected, where the payment was never pushed.
     */
    public fun watch(payment: PaymentHandle, wait: WaitOptions? = null): Flow<Progress> = flow {
        // Not in a `call`: what the collector throws is the collector's.
        val native = open()
        val watch = throwing(native) { native.watch(payment.stillOpen(), wait) }
        try {
            while (true) {
                val progress = throwing(native) { watch.next(null) } ?: break
                emit(progress.shown())
            }
        } finally {
            watch.close()
            forgetIfClosed()
        }
    }

    /**
     * Takes up a payment that was saved, in this process or another. One that was being sent when it was saved may have
     * reached the customer: it is `unknown`, and is not pushed again.
     *
     * ```
     * val payment = daraja.resume(file.readText())
     * val ended = daraja.wait(payment)
     * ```
     *
     * @throws LipiaException.CorrectInput where it is not a payment, or one of another gateway.
     */
    public fun resume(json: String): PaymentHandle = throwing { open().resume(json) }

    /** [resume] for a payment that is at hand. */
    public fun resume(payment: Payment): PaymentHandle = resume(payment.toJson())

    /**
     * The live payment of that id, if this client holds one.
     *
     * @throws LipiaException.CorrectInput where it is not a payment's id.
     */
    public fun find(paymentId: String): PaymentHandle? = throwing { native.find(paymentId) }

    /**
     * Payments that nobody holds and that may yet be paid: their callers were cancelled while the send went on. None is
     * dropped, however many there are; each is handed out once. After [close] too. Where a coroutine is cancelled in the
     * second in which it gets its result, the payment is here as well.
     */
    public fun unclaimed(): List<PaymentHandle> = native.unclaimed()

    /** Whether nothing of it goes on in the background. */
    public val isAtRest: Boolean get() = native.isAtRest()

    /**
     * Waits for pushes and requests for tokens that are in flight: every push that was begun has been answered. A wait or a
     * query that is running is its caller's. After [close] too.
     */
    public suspend fun drain(): Unit = throwing { native.drain(null) }

    /**
     * The event that a body posted to a callback URL tells of. An event is data, not proof: see [receiveCallback].
     *
     * @throws LipiaException.Disbelieve with a code that says what is wrong with the body.
     */
    public fun parseCallback(body: ByteArray): Event = throwing { native.parseCallback(body) }

    /**
     * Takes in what was posted to a callback URL: checks the token in the URL, the body, and whether it fits the payment
     * that the token names. A wait for that payment ends at once.
     *
     * A phone has no address that a gateway could post to. This is for what the merchant's server hands on, and for a till
     * that is reached by its own address.
     *
     * @param path the path of the request, or all of its URL.
     * @param body the body as it came, byte for byte.
     * @param peer the other end of the connection; needed only where source addresses are checked.
     * @param forwardedFor the values of the `X-Forwarded-For` headers, in their order.
     * @param confirm whether a success is believed only once a query says the same.
     * @throws LipiaException.Disbelieve it is not a callback, or not for us. Nothing was believed.
     */
    public suspend fun receiveCallback(
        path: String,
        body: ByteArray,
        peer: String? = null,
        forwardedFor: List<String> = emptyList(),
        confirm: Boolean = false,
    ): ReceivedCallback = call { it.receiveCallback(path, body, peer, forwardedFor, confirm, null) }

    /**
     * Hands an event that came on a payment's own URL to that payment: for a payment that was loaded from storage after its
     * callback came.
     *
     * @param confirm whether a success is believed only once a query says the same.
     */
    public suspend fun believe(payment: PaymentHandle, event: Event, confirm: Boolean = false): Verdict =
        call { it.believe(payment.stillOpen(), event, confirm, null) }

    /** Wipes credentials and token from memory; the next call asks the provider again. For a sign-out, or a locked screen. */
    public fun forgetCredentials() {
        native.forgetCredentials()
    }

    /**
     * Ends the client: later calls throw [LipiaException.CorrectSettings], and the credentials are wiped. It does not wait, and
     * what is in flight goes on: call [drain] first where that matters. [unclaimed], [find], [parseCallback] and [drain] still
     * work. A second time does nothing.
     */
    override fun close() {
        isClosed = true
        native.forgetCredentials()
    }

    override fun toString(): String = "${this::class.simpleName}(gateway=${gateway.word()})"

    private fun open(): NativeClient {
        if (isClosed) {
            throw exceptionOf(
                detailsOf(
                    ErrorKind.CONFIGURATION,
                    Remedy.CORRECT_SETTINGS,
                    "client_closed",
                    "This client was closed.",
                    "Make another; payments that were saved can be resumed with it.",
                ),
            )
        }
        return native
    }

    private suspend fun <T> call(verb: suspend (NativeClient) -> T): T {
        val native = open()
        try {
            return throwing(native) { verb(native) }
        } finally {
            forgetIfClosed()
        }
    }

    /** Runs a call that makes its own payment, and keeps that payment should nobody learn what came of it. */
    private suspend fun <T> sale(
        push: StkPush,
        timeout: Duration?,
        wait: WaitOptions?,
        verb: suspend (NativeUnclaimedPayment) -> T,
    ): T = call { native ->
        val sale = native.reserveUnclaimed(push, timeout, wait)
        val caller = currentCoroutineContext()[Job]
        val result = try {
            throwing(native) { verb(sale) }
        } catch (error: LipiaException) {
            // The exception has the payment, once it has reached the caller.
            sale.closeOnceTold(caller)
            throw error
        } catch (error: Throwable) {
            sale.close()
            throw error
        }
        sale.closeOnceTold(caller)
        result
    }

    /** What went on after the end had to ask for credentials again. */
    private fun forgetIfClosed() {
        if (isClosed) native.forgetCredentials()
    }
}

private val afterwards = CoroutineScope(SupervisorJob() + Dispatchers.Default)

/** After this the caller has the result, or was cancelled: longer than it takes to return from whatever stands around a call. */
private val WHILE_IT_RETURNS = 1.seconds

/**
 * Closes a sale once its caller was told the result. Code around a call (`async`, `withTimeout`) drops the result where it
 * is cancelled at the last moment. So a result counts as told only when it was returned a while ago and its coroutine was
 * not cancelled: a payment may be known to its caller and unclaimed as well, but never neither.
 */
private fun NativeUnclaimedPayment.closeOnceTold(caller: Job?) {
    afterwards.launch {
        delay(WHILE_IT_RETURNS)
        use { if (caller?.isCancelled != true) told() }
    }
}
