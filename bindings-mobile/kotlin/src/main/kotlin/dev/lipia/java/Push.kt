package dev.lipia.java

import dev.lipia.Fit
import dev.lipia.StkPush
import dev.lipia.TransactionType
import java.math.BigDecimal

/**
 * A push in the making: the payer, the amount and the reference, and what few pushes need. See [StkPush].
 *
 * ```java
 * StkPush push = Push.builder("0712 345 678", 150, "INV-001").transactionDesc("Two coffees").build();
 * ```
 */
public class Push private constructor(private var push: StkPush) {
    /** A description of the sale, at most 13 characters. Default: the reference. */
    public fun transactionDesc(text: String): Push = with { copy(transactionDesc = text) }

    /** The URL for the result of this push, used exactly as given. */
    public fun callbackUrl(url: String): Push = with { copy(callbackUrl = url) }

    /** The treatment of a text that is too long. By default it is refused. */
    public fun fit(fit: Fit): Push = with { copy(fit = fit) }

    /** Whether a fraction of a shilling is rounded half up. By default it is refused. */
    public fun roundAmount(round: Boolean): Push = with { copy(roundAmount = round) }

    /** Daraja: pay bill or till, for this push. */
    public fun transactionType(type: TransactionType): Push = with { copy(transactionType = type) }

    /** Daraja: the till that receives the money of this push. */
    public fun partyB(number: String): Push = with { copy(partyB = number) }

    /** PalPluss, UpesiPay and PayHero: the payment channel that receives the money. */
    public fun channelId(id: String): Push = with { copy(channelId = id) }

    /** PalPluss, UpesiPay and PayHero: the id of the merchant's own Daraja credentials there. */
    public fun credentialId(id: String): Push = with { copy(credentialId = id) }

    /** UpesiPay and PayHero: the payer's name. */
    public fun customerName(name: String): Push = with { copy(customerName = name) }

    /** The push. It is checked by the client that it is given to. */
    public fun build(): StkPush = push

    private fun with(change: StkPush.() -> StkPush): Push = apply { push = push.change() }

    /** Makes pushes. */
    public companion object {
        /** A push of whole KES that needs nothing more. */
        @JvmStatic
        public fun of(phoneNumber: String, amount: Long, accountReference: String): StkPush =
            StkPush(phoneNumber, amount, accountReference)

        /** A push of whole KES in the making. */
        @JvmStatic
        public fun builder(phoneNumber: String, amount: Long, accountReference: String): Push =
            Push(StkPush(phoneNumber, amount, accountReference))

        /** A push in the making, whose amount may have a fraction where [roundAmount] is set. */
        @JvmStatic
        public fun builder(phoneNumber: String, amount: BigDecimal, accountReference: String): Push =
            Push(StkPush(phoneNumber, amount, accountReference))
    }
}
