package dev.lipia

import kotlinx.coroutines.flow.Flow
import kotlin.time.Duration

/**
 * The calls of a [Client], for code that is tested with a client of its own: hand it a `MerchantClient`, and in its tests an object that
 * implements the calls that it makes. Later versions may have more members here: delegate to a client that does nothing
 * (`by`), or use the sandbox.
 *
 * ```
 * class Counter(private val client: MerchantClient) {
 *     suspend fun sell(push: StkPush): Boolean = client.collect(push).isPaid
 * }
 * ```
 */
public interface MerchantClient : AutoCloseable {
    /** See [Client.gateway]. */
    public val gateway: GatewayName

    /** See [Client.stkPush]. */
    public suspend fun stkPush(push: StkPush, timeout: Duration? = null): Acceptance

    /** See [Client.collect]. */
    public suspend fun collect(push: StkPush, wait: WaitOptions? = null): Payment

    /** See [Client.request]. */
    public suspend fun request(push: StkPush, order: String? = null, timeout: Duration? = null): Payment

    /** See [Client.collect]. */
    public suspend fun collect(push: StkPush, order: String, wait: WaitOptions? = null): Payment

    /** See [Client.outcomes]. */
    public val outcomes: Flow<Telling>

    /** See [Client.collect]. */
    public suspend fun collect(payment: PaymentHandle, wait: WaitOptions? = null): Payment

    /** See [Client.reserve]. */
    public fun reserve(push: StkPush): PaymentHandle

    /** See [Client.push]. */
    public suspend fun push(payment: PaymentHandle, timeout: Duration? = null): Acceptance

    /** See [Client.ask]. */
    public suspend fun ask(payment: PaymentHandle, timeout: Duration? = null): Payment

    /** See [Client.stkQuery]. */
    public suspend fun stkQuery(acceptance: Acceptance, timeout: Duration? = null): Status

    /** See [Client.stkQuery]. */
    public suspend fun stkQuery(checkoutRequestId: String, timeout: Duration? = null): Status

    /** See [Client.wait]. */
    public suspend fun wait(payment: PaymentHandle, wait: WaitOptions? = null): Payment

    /** See [Client.wait]. */
    public suspend fun wait(checkoutRequestId: String, wait: WaitOptions? = null): Status

    /** See [Client.wait]. */
    public suspend fun wait(acceptance: Acceptance, wait: WaitOptions? = null): Status

    /** See [Client.watch]. */
    public fun watch(payment: PaymentHandle, wait: WaitOptions? = null): Flow<Progress>

    /** See [Client.watch]. */
    public fun watch(payment: Payment, wait: WaitOptions? = null): Flow<Progress>

    /** See [Client.wait]. */
    public suspend fun wait(payment: Payment, wait: WaitOptions? = null): Payment

    /** See [Client.resume]. */
    public fun resume(json: String): PaymentHandle

    /** See [Client.resume]. */
    public fun resume(payment: Payment): PaymentHandle

    /** See [Client.find]. */
    public fun find(paymentId: String): PaymentHandle?

    /** See [Client.unclaimed]. */
    public fun unclaimed(): List<PaymentHandle>

    /** See [Client.isAtRest]. */
    public val isAtRest: Boolean

    /** See [Client.drain]. */
    public suspend fun drain(): Unit

    /** See [Client.parseCallback]. */
    public fun parseCallback(body: ByteArray): Event

    /** See [Client.receiveCallback]. */
    public suspend fun receiveCallback(
        path: String,
        body: ByteArray,
        peer: String? = null,
        forwardedFor: List<String> = emptyList(),
        confirm: Boolean = false,
    ): ReceivedCallback

    /** See [Client.believe]. */
    public suspend fun believe(payment: PaymentHandle, event: Event, confirm: Boolean = false): Verdict

    /** See [Client.forgetCredentials]. */
    public fun forgetCredentials()

    /** See [Client.close]. */
    override fun close()
}
