package dev.lipia.java

import dev.lipia.Acceptance
import dev.lipia.Client
import dev.lipia.Event
import dev.lipia.GatewayName
import dev.lipia.LipiaException
import dev.lipia.Payment
import dev.lipia.PaymentHandle
import dev.lipia.Progress
import dev.lipia.ReceivedCallback
import dev.lipia.Status
import dev.lipia.StkPush
import dev.lipia.Verdict
import dev.lipia.WaitOptions
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.future.future
import kotlinx.coroutines.launch
import kotlinx.coroutines.runInterruptible
import java.time.Duration
import java.util.Optional
import java.util.concurrent.CompletableFuture
import java.util.concurrent.ExecutionException
import java.util.concurrent.Executor
import kotlin.time.toJavaDuration
import kotlin.time.toKotlinDuration

/**
 * A merchant's client for Java: the verbs of [Client], which return futures. A future that fails does so with a
 * [LipiaException], and [await] throws that. Cancelling a future ends the call at once; a push that has left goes on, and
 * [unclaimed] has its payment.
 *
 * ```java
 * try (LipiaClient daraja = LipiaClient.daraja(() -> Credentials.daraja(key, secret, "174379", passKey))
 *         .callbackUrl("https://shop.example.co.ke/pay")
 *         .build()) {
 *     Payment payment = LipiaClient.await(daraja.collect(Push.of("0712345678", 150, "INV-001")));
 *     System.out.println(payment.isPaid());
 * }
 * ```
 */
public class LipiaClient internal constructor(
    /** The same client for Kotlin. */
    public val kotlin: Client,
    private val dispatcher: CoroutineDispatcher,
) : AutoCloseable {
    private val scope = CoroutineScope(SupervisorJob() + dispatcher)

    /** The gateway that the client speaks to. */
    public val gateway: GatewayName get() = kotlin.gateway

    /** Whether nothing of this client is in flight: neither a push nor a request for a token. */
    public val isAtRest: Boolean get() = kotlin.isAtRest

    /** The payments of the ledger: looking them up, and what a person does about them. */
    public val payments: LedgerPayments = LedgerPayments(kotlin, scope)

    /** Requests the payment of an order: one prompt for one order. See [Client.request]. */
    public fun request(push: StkPush, order: String): CompletableFuture<Payment> = future { request(push, order) }

    /** Requests the payment of an order as [request] does, and waits for the outcome. */
    @JvmOverloads
    public fun collect(push: StkPush, order: String, wait: WaitOptions? = null): CompletableFuture<Payment> =
        future { collect(push, order, wait) }

    /**
     * Has a handler told what becomes of the payments that were requested, until it has taken each. While a handler is there, the
     * client looks after its ledger. See [Client.outcomes].
     *
     * @param executor where the handler runs, one payment after the other.
     * @return what ends the telling when it is closed.
     */
    public fun onOutcome(handler: OutcomeHandler, executor: Executor): AutoCloseable {
        val where = executor.asCoroutineDispatcher()
        val telling = scope.launch {
            kotlin.outcomes.collect { outcome ->
                try {
                    runInterruptible(where) { handler.handle(outcome.payment) }
                    outcome.done()
                } catch (error: CancellationException) {
                    throw error
                } catch (error: Exception) {
                    // Nothing where it is acknowledged: the ledger could not write that down, and tells it again.
                    outcome.failed(error.toString())
                }
            }
        }
        return AutoCloseable { telling.cancel() }
    }

    /** Prompts a phone once; the gateway's acceptance is **not** a payment. See [Client.stkPush]. */
    public fun stkPush(push: StkPush): CompletableFuture<Acceptance> = future { stkPush(push) }

    /** [stkPush] with a time of its own. */
    public fun stkPush(push: StkPush, timeout: Duration): CompletableFuture<Acceptance> =
        future { stkPush(push, timeout.toKotlinDuration()) }

    /** Prompts a phone once and waits for the outcome. See [Client.collect]. */
    @JvmOverloads
    public fun collect(push: StkPush, wait: WaitOptions? = null): CompletableFuture<Payment> = future { collect(push, wait) }

    /** [collect] for an existing payment: pushes one that was only reserved, and waits for the outcome of any other. */
    @JvmOverloads
    public fun collect(payment: PaymentHandle, wait: WaitOptions? = null): CompletableFuture<Payment> =
        future { collect(payment, wait) }

    /** Makes a payment with its own id and its own callback URL. Sends nothing. See [Client.reserve]. */
    @Throws(LipiaException::class)
    public fun reserve(push: StkPush): PaymentHandle = kotlin.reserve(push)

    /** Pushes a reserved payment. See [Client.push]. */
    public fun push(payment: PaymentHandle): CompletableFuture<Acceptance> = future { push(payment) }

    /** [push] with a time of its own. */
    public fun push(payment: PaymentHandle, timeout: Duration): CompletableFuture<Acceptance> =
        future { push(payment, timeout.toKotlinDuration()) }

    /** Asks the gateway about a payment now, and writes the answer into the payment. See [Client.ask]. */
    public fun ask(payment: PaymentHandle): CompletableFuture<Payment> = future { ask(payment) }

    /** Asks the gateway for the status of a prompt. See [Client.stkQuery]. */
    public fun stkQuery(checkoutRequestId: String): CompletableFuture<Status> = future { stkQuery(checkoutRequestId) }

    /** Waits until a payment is settled or the time is up. See [Client.wait]. */
    @JvmOverloads
    public fun wait(payment: PaymentHandle, wait: WaitOptions? = null): CompletableFuture<Payment> = future { wait(payment, wait) }

    /**
     * Waits as [wait] does, and tells the listener what happens meanwhile, on the client's executor. The future has the payment of
     * the last item, which is settled or where the time is up.
     */
    @JvmOverloads
    public fun watch(payment: PaymentHandle, listener: ProgressListener, wait: WaitOptions? = null): CompletableFuture<Payment> =
        future {
            var last = payment.snapshot()
            watch(payment, wait).collect { progress ->
                when (progress) {
                    is Progress.Settled -> last = progress.payment
                    is Progress.TimedOut -> last = progress.payment
                    else -> Unit
                }
                runInterruptible(dispatcher) { listener.progress(progress) }
            }
            last
        }

    /** Makes a live payment of a saved one. See [Client.resume]. */
    @Throws(LipiaException::class)
    public fun resume(json: String): PaymentHandle = kotlin.resume(json)

    /** The live payment with this id, where this client holds it. */
    @Throws(LipiaException::class)
    public fun find(paymentId: String): Optional<PaymentHandle> = Optional.ofNullable(kotlin.find(paymentId))

    /** Live payments that may yet be paid and that nobody holds. See [Client.unclaimed]. */
    public fun unclaimed(): List<PaymentHandle> = kotlin.unclaimed()

    /** Waits for pushes and requests for tokens that are in flight. See [Client.drain]. */
    public fun drain(): CompletableFuture<Void?> = future { drain() }.thenApply { null }

    /** Reads the body of a callback. An event is data, not proof: [receiveCallback] verifies it. */
    @Throws(LipiaException::class)
    public fun parseCallback(body: ByteArray): Event = kotlin.parseCallback(body)

    /**
     * Verifies a callback and applies it to its payment. See [Client.receiveCallback].
     *
     * @param path the path of the request, or its whole URL.
     * @param body the body of the request, byte for byte.
     * @param peer the address of the other end of the connection. Needed only where source addresses are checked.
     * @param forwardedFor the values of the `X-Forwarded-For` headers, in order.
     */
    @JvmOverloads
    public fun receiveCallback(
        path: String,
        body: ByteArray,
        peer: String? = null,
        forwardedFor: List<String> = emptyList(),
    ): CompletableFuture<ReceivedCallback> = future { receiveCallback(path, body, peer, forwardedFor) }

    /** Applies an event that came on a payment's own URL to that payment. See [Client.believe]. */
    public fun believe(payment: PaymentHandle, event: Event): CompletableFuture<Verdict> = future { believe(payment, event) }

    /** Wipes credentials and token from memory. The next call asks the supplier again. */
    public fun forgetCredentials(): Unit = kotlin.forgetCredentials()

    /** Ends the client at once. What is in flight goes on. See [Client.close]. */
    override fun close(): Unit = kotlin.close()

    override fun toString(): String = "LipiaClient(gateway=${gateway.word})"

    private fun <T> future(verb: suspend Client.() -> T): CompletableFuture<T> = scope.future { kotlin.verb() }

    /** Builders of clients, and what Java needs beside them. */
    public companion object {
        /** A client of Daraja in the making. */
        @JvmStatic
        public fun daraja(credentials: CredentialsSupplier): DarajaBuilder = DarajaBuilder(credentials)

        /** A client of PalPluss in the making. */
        @JvmStatic
        public fun palPluss(credentials: CredentialsSupplier): PalPlussBuilder = PalPlussBuilder(credentials)

        /** A client of UpesiPay in the making. */
        @JvmStatic
        public fun upesiPay(credentials: CredentialsSupplier): UpesiPayBuilder = UpesiPayBuilder(credentials)

        /** A client of PayHero in the making. */
        @JvmStatic
        public fun payHero(credentials: CredentialsSupplier): PayHeroBuilder = PayHeroBuilder(credentials)

        /**
         * Blocks until a future has its result. Not for a thread that draws a screen.
         *
         * @throws LipiaException the call failed.
         * @throws InterruptedException the thread was interrupted. The call goes on.
         */
        @JvmStatic
        @Throws(LipiaException::class, InterruptedException::class)
        public fun <T> await(future: CompletableFuture<T>): T = try {
            future.get()
        } catch (error: ExecutionException) {
            throw error.cause ?: error
        }

        /** The time to wait before trying again, where an error knows it. */
        @JvmStatic
        public fun retryAfter(error: LipiaException): Optional<Duration> =
            Optional.ofNullable(error.retryAfter?.toJavaDuration())

        /** The time from the beginning of a wait to an item of its progress; nothing for the last item. */
        @JvmStatic
        public fun elapsed(progress: Progress): Optional<Duration> = Optional.ofNullable(
            when (progress) {
                is Progress.Queried -> progress.elapsed
                is Progress.QueryFailed -> progress.elapsed
                is Progress.CallbackReceived -> progress.elapsed
                is Progress.Settled, is Progress.TimedOut -> null
            }?.toJavaDuration(),
        )
    }
}
