package dev.lipia.testing

import dev.lipia.GatewayName
import dev.lipia.Outcome
import dev.lipia.Payment
import dev.lipia.PaymentState
import dev.lipia.Push
import java.time.Instant

/** Records for tests that need no sandbox: what a client of your own hands out. Nothing of them was ever sent. */
public object MadeUp {
    /**
     * A payment with an outcome. Its `toJson()` is not one that a client takes up.
     *
     * ```
     * val paid = MadeUp.payment(Outcome.SUCCESS, amount = 150, receipt = "SAB1CD2EF3")
     * ```
     *
     * @param receipt M-Pesa's receipt. `null` for a payment that is paid and whose receipt is not known, as after a query of Daraja's.
     * @throws IllegalArgumentException the receipt is blank.
     */
    @JvmStatic
    @JvmOverloads
    public fun payment(
        outcome: Outcome,
        amount: Long = 150,
        receipt: String? = null,
        accountReference: String = "INV-001",
        phoneNumber: String = "254712345678",
        gateway: GatewayName = GatewayName.DARAJA,
        id: String = "00000000000000000000000000000000",
        at: Instant = Instant.EPOCH,
        order: String? = null,
    ): Payment {
        require(receipt == null || receipt.isNotBlank()) {
            "A blank text is not a receipt: give one such as SAB1CD2EF3, or null where it is not known."
        }
        return Payment(
            id = id,
            gateway = gateway,
            state = stateOf(outcome),
            outcome = outcome,
            isPaid = outcome.isPaid,
            push = Push(phoneNumber, amount, accountReference, accountReference, "https://shop.example.co.ke/pay/made-up", emptyMap()),
            warnings = emptyList(),
            acceptance = null,
            checkoutRequestId = null,
            resultCode = null,
            receipt = receipt,
            paidAmount = if (outcome.isPaid) amount.toBigDecimal() else null,
            paidBy = null,
            paidAt = if (outcome.isPaid) at else null,
            reservedAt = at,
            sentAt = at,
            settledAt = if (stateOf(outcome) == PaymentState.SETTLED) at else null,
            lookAgainAt = null,
            orderFreeAt = null,
            revision = 3,
            flags = emptyList(),
            lastError = null,
            json = "{}",
            order = order,
            orderIsPaid = outcome.isPaid,
            isPaidTwice = false,
            isExisting = false,
        )
    }

    private fun stateOf(outcome: Outcome): PaymentState = when (outcome) {
        Outcome.PENDING -> PaymentState.ACCEPTED
        Outcome.UNKNOWN -> PaymentState.UNKNOWN
        else -> PaymentState.SETTLED
    }
}
