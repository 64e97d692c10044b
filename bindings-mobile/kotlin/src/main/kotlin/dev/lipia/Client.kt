package dev.lipia

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.emitAll
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.isActive
import kotlinx.coroutines.launch
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/**
 * One merchant at one gateway: [Daraja], [PalPluss], [UpesiPay] or [PayHero]. Making a client starts neither a thread nor a
 * connection, and does not ask for the credentials. One client serves any number of coroutines.
 *
 * **One sale, one prompt.** Give the client a [Ledger] and name each sale's order: [request] and [collect] prompt once for it,
 * whatever is tapped twice, cancelled or killed, and [outcomes] tells what became of it until that is acknowledged.
 *
 * **Cancellation.** A cancelled coroutine ends at once. A push that it had begun goes on by itself, because the customer
 * may have been prompted. The result is written into the payment, and into the ledger where the payment was requested. A
 * payment that was made without an order is among the [unclaimed] ones where nobody holds it.
 *
 * **Times.** The time of a call is its `timeout`, else that of [ClientSettings], else 30 seconds. The times of a wait are in
 * [WaitOptions].
 */
public abstract class Client internal constructor(
    gateway: NativeGateway,
    credentials: CredentialsProvider,
    settings: ClientSettings,
    ledger: Ledger?,
) : MerchantClient {
    private val native = throwing {
        // A library of another version is found out here, and not by what it does to memory.
        uniffiEnsureInitialized()
        NativeClient(gateway, settings, GuardedProvider(credentials), ledger?.path)
    }

    @Volatile
    private var isClosed = false

    /** The gateway that the client speaks to. */
    override val gateway: GatewayName get() = native.gateway()

    /**
     * Prompts a phone once, and returns the gateway's acceptance, which is **not** a payment.
     *
     * A call whose answer is lost is never repeated. It throws [LipiaException.FindOut], whose `payment` is the one to wait
     * for. Where the coroutine is cancelled, [unclaimed] has the payment.
     *
     * ```
     * val acceptance = daraja.stkPush(StkPush("0712345678", 150, "INV-001"))
     * ```
     *
     * @param push the payer, the amount and the reference.
     * @param timeout the time for the call: credentials, token, request, answer and resends. Default: the client's.
     * @throws LipiaException.CorrectInput an argument is not valid. Nothing was sent.
     * @throws LipiaException.FindOut a phone may have been prompted. Wait for the outcome; never push again.
     * @throws LipiaException.TryAgain no phone was prompted. It is safe to send again.
     * @throws LipiaException any other failure: see its subclasses.
     */
    override suspend fun stkPush(push: StkPush, timeout: Duration?): Acceptance =
        sale(push, timeout, null) { it.push(null) }

    /**
     * Prompts a phone once and waits for the outcome.
     *
     * Where the push's answer is lost, the wait goes on, because the callback still names the payment. Where this throws
     * [LipiaException.FindOut], the exception has the payment. Where the coroutine is cancelled, [unclaimed] has the payment.
     *
     * ```
     * val payment = daraja.collect(StkPush("0712345678", 150, "INV-001"))
     * if (payment.isPaid) println("paid: ${payment.receipt}")
     * ```
     *
     * @param push the payer, the amount and the reference.
     * @param wait the times of the wait. Default: the client's, 120 seconds in all.
     * @throws LipiaException as [stkPush]; [LipiaException.FindOut] only after the whole wait has brought no outcome.
     */
    override suspend fun collect(push: StkPush, wait: WaitOptions?): Payment =
        sale(push, null, wait) { it.collect(null) }

    /**
     * Requests the payment of an order: one prompt for one order. The order is claimed in the ledger, then the phone is prompted.
     * Where the order has a payment that is paid or may yet be, nobody is prompted, and that payment is returned
     * ([Payment.isExisting]): the second tap, the app that was killed and opened again.
     *
     * The payment that is returned was accepted, is [Outcome.UNKNOWN] (the answer to its push was lost: it is asked about), or is
     * what the order had already. [outcomes] tells what becomes of it, and [watch] shows it. A paid order stays paid. A payment that
     * failed frees its order: at once, or, where it only says that nobody answered in time, at its `orderFreeAt`; until then it is
     * what is returned.
     *
     * ```
     * val payment = daraja.request(StkPush("0712345678", 150, "TABLE-9"), order = "table-9-lunch")
     * ```
     *
     * @param push the payer, the amount and the reference.
     * @param order the app's own name for the sale, at most 128 characters. Without one each call prompts, and the payment is in the
     * ledger and told all the same.
     * @param timeout the time for the call: credentials, token, request, answer and resends. Default: the client's.
     * @throws LipiaException.CorrectInput an argument is not valid; [LipiaException.field] names it.
     * @throws LipiaException.LookAtPayment the order has a payment of another amount, phone or account
     * (`order_paid_differently`, `order_asked_differently`, `order_of_another_account`), whose id is [LipiaException.paymentId].
     * Nothing was sent.
     * @throws LipiaException the ledger cannot be used (a code that begins with `ledger_`): nothing was sent. Any other failure:
     * nobody was prompted, and the order is free.
     */
    override suspend fun request(push: StkPush, order: String?, timeout: Duration?): Payment =
        call { it.request(push, order, timeout, null) }

    /**
     * Requests the payment of an order as [request] does, and waits for the outcome. Where the order has a payment that may be
     * paid, nobody is prompted, and that payment is waited for.
     *
     * After the time is up the payment is [Outcome.PENDING] or [Outcome.UNKNOWN], and may yet be paid: [outcomes] tells it.
     *
     * ```
     * val payment = daraja.collect(StkPush("0712345678", 150, "TABLE-9"), order = "table-9-lunch")
     * if (payment.isPaid) println("paid: ${payment.receipt}")
     * ```
     *
     * @param push the payer, the amount and the reference.
     * @param order the app's own name for the sale, at most 128 characters.
     * @param wait the times of the wait. Default: the client's, 120 seconds in all.
     * @throws LipiaException as [request].
     */
    override suspend fun collect(push: StkPush, order: String, wait: WaitOptions?): Payment =
        call { it.collectOrder(push, order, wait, null) }

    /**
     * What becomes of the payments that were requested: each is told when it is settled, and again where more is learnt (a
     * receipt, a reversal, a second payment of the order), until the app acknowledges it with [Telling.done]. What the app that was
     * killed has not acknowledged, the next one that collects is told.
     *
     * While somebody collects, the client looks after its ledger: it asks about payments that stay open, and looks again at
     * failures that may yet turn out paid. So collect as long as the app lives, not as long as a screen does. Where several
     * collect, each telling goes to one of them. Where the collector throws, the telling is handed back. The flow ends when the
     * client is closed.
     *
     * ```
     * applicationScope.launch {
     *     daraja.outcomes.collect { outcome ->
     *         show(outcome.payment)
     *         try {
     *             outcome.done()
     *         } catch (error: LipiaException) {
     *             log(error.message) // a full disk, say: it is told again
     *         }
     *     }
     * }
     * ```
     */
    override val outcomes: Flow<Telling> = flow {
        val tellings = open().listen()
        try {
            while (true) {
                val native = throwing { tellings.next(null) } ?: break
                try {
                    emit(Telling(native))
                } catch (error: CancellationException) {
                    // Whoever took the first few (`first()`, `take(n)`) has the telling, and may still acknowledge it.
                    if (!currentCoroutineContext().isActive) native.failed("the collector was cancelled")
                    throw error
                } catch (error: Throwable) {
                    native.failed(error.toString())
                    throw error
                }
            }
        } finally {
            tellings.close()
        }
    }

    /** The payments of the ledger: looking them up, and what a person does about them. */
    public val payments: Payments = Payments(this)

    /**
     * [collect] for an existing payment. Pushes a payment that was only reserved, and waits for the outcome of any other, such
     * as one that was resumed.
     *
     * @throws LipiaException as [collect].
     */
    override suspend fun collect(payment: PaymentHandle, wait: WaitOptions?): Payment =
        call { it.collectPayment(payment.stillOpen(), wait, null) }

    /**
     * Makes a payment with its own id and its own callback URL. The push is checked, and nothing is sent.
     *
     * To survive a crash, call [PaymentHandle.begin] and save the payment before you [push] it. An app that reads the payment
     * later then knows that the phone may have been prompted. [request] does both by itself, in the ledger.
     *
     * ```
     * val handle = daraja.reserve(StkPush("0712345678", 150, "INV-001"))
     * handle.begin()
     * file.writeText(handle.toJson())
     * val acceptance = daraja.push(handle)
     * ```
     *
     * @throws LipiaException.CorrectInput an argument is not valid; [LipiaException.field] names it.
     */
    override fun reserve(push: StkPush): PaymentHandle = LivePayment(throwing { open().reserve(push) })

    /**
     * Pushes a reserved payment. The result is written into the payment, also where the caller no longer waits for it.
     *
     * ```
     * val acceptance = daraja.push(handle)
     * ```
     *
     * @throws LipiaException.LookAtPayment the payment was pushed before.
     * @throws LipiaException as [stkPush].
     */
    override suspend fun push(payment: PaymentHandle, timeout: Duration?): Acceptance =
        call { it.push(payment.stillOpen(), timeout, null) }

    /**
     * Asks the gateway about a payment now, and writes the answer into the payment. Prompts nobody.
     *
     * A settled payment can be asked about too: a failure that only says "nobody answered" may turn out to be a success, and
     * that is money. The payment's `lookAgainAt` says when to ask again. Gateways dislike more than one question about a
     * payment within about ten seconds.
     *
     * ```
     * val payment = daraja.ask(handle)
     * println(payment.outcome)
     * ```
     *
     * @throws LipiaException.LookAtPayment the payment was never pushed, or no id is known to ask by.
     * @throws LipiaException the question could not be asked, or its answer was not understood.
     */
    override suspend fun ask(payment: PaymentHandle, timeout: Duration?): Payment =
        call { it.ask(payment.stillOpen(), timeout, null) }

    /** [stkQuery] for an acceptance, by its id for queries. */
    override suspend fun stkQuery(acceptance: Acceptance, timeout: Duration?): Status =
        stkQuery(acceptance.id, timeout)

    /**
     * Asks the gateway for the status of a prompt. Prompts nobody, and is safe to repeat; gateways dislike more than one
     * question within about ten seconds. "Still processing" and "no information" are answers, not errors: [Outcome.PENDING]
     * and [Outcome.UNKNOWN].
     *
     * @param checkoutRequestId the prompt's id, from the acceptance.
     * @throws LipiaException the question could not be asked, or its answer was not understood.
     */
    override suspend fun stkQuery(checkoutRequestId: String, timeout: Duration?): Status =
        call { it.stkQuery(checkoutRequestId, timeout, null) }

    /**
     * Waits until a payment is settled or the time is up, and asks the gateway now and then. A callback that settles the
     * payment ends the wait at once ([receiveCallback]).
     *
     * After the time is up the payment is [Outcome.PENDING] or [Outcome.UNKNOWN], and may yet be paid. Wait again later; do
     * not push again.
     *
     * ```
     * val payment = daraja.wait(handle, WaitOptions(timeout = 60.seconds))
     * ```
     *
     * @param wait the times of the wait. Default: the client's, 120 seconds in all.
     * @throws LipiaException.LookAtPayment the payment was never pushed.
     */
    override suspend fun wait(payment: PaymentHandle, wait: WaitOptions?): Payment =
        call { it.waitFor(payment.stillOpen(), wait, null) }

    /**
     * Waits for the outcome of a prompt of which only the id is known. This wait learns from queries alone, not from
     * callbacks.
     */
    override suspend fun wait(checkoutRequestId: String, wait: WaitOptions?): Status =
        call { it.waitById(checkoutRequestId, wait, null) }

    /** [wait] for an acceptance, by its id for queries. */
    override suspend fun wait(acceptance: Acceptance, wait: WaitOptions?): Status = wait(acceptance.id, wait)

    /**
     * Waits as [wait] does, and emits what happens meanwhile. The last item is [Progress.Settled] or [Progress.TimedOut].
     * Each collection of the flow is a wait of its own. To stop collecting ends that wait and leaves the payment as it is.
     *
     * ```
     * daraja.watch(payment).collect { progress -> show(progress) }
     * ```
     *
     * @throws LipiaException.LookAtPayment when collected: the payment was never pushed.
     */
    override fun watch(payment: PaymentHandle, wait: WaitOptions?): Flow<Progress> = flow {
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
     * [watch] for a payment that [request] has returned, or [payments] has.
     *
     * ```
     * val payment = daraja.request(push, order = "table-9-lunch")
     * daraja.watch(payment).collect { progress -> show(progress) }
     * ```
     */
    override fun watch(payment: Payment, wait: WaitOptions?): Flow<Progress> =
        flow { emitAll(watch(live(payment), wait)) }

    /** [wait] for a payment that [request] has returned, or [payments] has. */
    override suspend fun wait(payment: Payment, wait: WaitOptions?): Payment = wait(live(payment), wait)

    private fun live(payment: Payment): PaymentHandle = find(payment.id) ?: resume(payment)

    /**
     * Makes a live payment of a saved one, in this process or another. Prompts nobody. A payment that was saved while its push
     * was being sent may have reached the customer: it is `unknown`, and is never pushed again.
     *
     * ```
     * val payment = daraja.resume(file.readText())
     * val ended = daraja.wait(payment)
     * ```
     *
     * @param json the text of the payment's `toJson()`. The payment's order is not in it: of a handle's snapshot `order` is `null`, and
     * [payments] has the payment with its order.
     * @throws LipiaException.CorrectInput the text is not a payment, or the payment is another gateway's.
     */
    override fun resume(json: String): PaymentHandle = LivePayment(throwing { open().resume(json) })

    /** [resume] for a payment that was read already. */
    override fun resume(payment: Payment): PaymentHandle = resume(payment.toJson())

    /**
     * The live payment with this id, or `null` where this client does not hold it.
     *
     * @throws LipiaException.CorrectInput the text is not a payment's id.
     */
    override fun find(paymentId: String): PaymentHandle? = throwing { native.find(paymentId) }?.let(::LivePayment)

    /**
     * Live payments that may yet be paid and that nobody holds: their callers were cancelled while the push went on, and they were
     * made without an order. Each is handed out once, and none is dropped. This works after [close] too. A payment whose coroutine is cancelled within a
     * second of its result may be here as well.
     *
     * ```
     * for (handle in daraja.unclaimed()) file.appendText(handle.toJson() + "\n")
     * ```
     */
    override fun unclaimed(): List<PaymentHandle> = native.unclaimed().map(::LivePayment)

    /** Whether nothing of this client is in flight: neither a push nor a request for a token. */
    override val isAtRest: Boolean get() = native.isAtRest()

    /**
     * Waits for pushes and requests for tokens that are in flight, until every push that was begun has its answer. Does not
     * wait for running waits and queries, which belong to their callers. This works after [close] too.
     */
    override suspend fun drain(): Unit = throwing { native.drain(null) }

    /**
     * Reads the body of a callback. An event is data, not proof: [receiveCallback] verifies it.
     *
     * @throws LipiaException.Disbelieve the body is not a callback of this gateway; [LipiaException.code] says why.
     */
    override fun parseCallback(body: ByteArray): Event = throwing { native.parseCallback(body) }

    /**
     * Verifies a callback and applies it to its payment: checks the token in the URL, the body, and whether the body fits the
     * payment that the token names. A wait for that payment ends at once.
     *
     * A gateway cannot post to a phone, which has no public address. This is for callbacks that the merchant's server passes
     * on, and for a till that has an address of its own.
     *
     * ```
     * val received = daraja.receiveCallback(path, body)
     * ```
     *
     * @param path the path of the request, or its whole URL.
     * @param body the body of the request, byte for byte.
     * @param peer the address of the other end of the connection. Needed only where source addresses are checked.
     * @param forwardedFor the values of the `X-Forwarded-For` headers, in order.
     * @param confirm whether a success is believed only after a query confirms it.
     * @throws LipiaException.Disbelieve the request is not a callback, or not one of this client's. Nothing was believed.
     */
    override suspend fun receiveCallback(
        path: String,
        body: ByteArray,
        peer: String?,
        forwardedFor: List<String>,
        confirm: Boolean,
    ): ReceivedCallback = call { it.receiveCallback(path, body, peer, forwardedFor, confirm, null) }

    /**
     * Applies an event that came on a payment's own URL to that payment, and returns the verdict. For a payment that was
     * loaded from storage after its callback came.
     *
     * @param confirm whether a success is believed only after a query confirms it.
     */
    override suspend fun believe(payment: PaymentHandle, event: Event, confirm: Boolean): Verdict =
        call { it.believe(payment.stillOpen(), event, confirm, null) }

    /** Wipes credentials and token from memory. The next call asks the provider again. For a sign-out, or a locked screen. */
    override fun forgetCredentials() {
        native.forgetCredentials()
    }

    /**
     * Ends the client at once. Later calls throw [LipiaException.CorrectSettings], [outcomes] ends, and the credentials are
     * wiped. What is in flight goes on: call [drain] first to wait for it. [unclaimed], [find], [parseCallback] and [drain] still work. A second
     * call does nothing.
     */
    override fun close() {
        isClosed = true
        native.stopListening()
        native.forgetCredentials()
    }

    override fun toString(): String = "${this::class.simpleName}(gateway=${gateway.word})"

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

    internal suspend fun <T> call(verb: suspend (NativeClient) -> T): T {
        val native = open()
        // A coroutine that goes on later has lost the frames of its caller.
        val called = Throwable()
        try {
            return throwing(native) { verb(native) }
        } catch (error: LipiaException) {
            throw error.calledFrom(called)
        } finally {
            forgetIfClosed()
        }
    }

    /** Runs a call that makes its own payment. The payment becomes unclaimed where no caller learns its result. */
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

    /** Wipes the credentials that a call fetched again after the client was closed. */
    private fun forgetIfClosed() {
        if (isClosed) native.forgetCredentials()
    }
}

private val afterwards = CoroutineScope(SupervisorJob() + Dispatchers.Default)

/** The time after which a caller has its result or was cancelled. Longer than the code around a call takes to return. */
private val WHILE_IT_RETURNS = 1.seconds

/**
 * Closes a sale once its caller has the result. Code around a call (`async`, `withTimeout`) drops the result where it is
 * cancelled at the last moment. So a result counts as delivered only a while after it was returned, and where its coroutine
 * was not cancelled. A payment may be both known to its caller and unclaimed, but never neither.
 */
private fun NativeUnclaimedPayment.closeOnceTold(caller: Job?) {
    afterwards.launch {
        delay(WHILE_IT_RETURNS)
        use { if (caller?.isCancelled != true) told() }
    }
}
