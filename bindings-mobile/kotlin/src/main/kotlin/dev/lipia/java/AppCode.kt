package dev.lipia.java

import dev.lipia.Credentials
import dev.lipia.Payment
import dev.lipia.Progress

/**
 * The source of a client's credentials, in Java: the Keystore, or the merchant's server. It may block and may throw.
 * See [dev.lipia.CredentialsProvider].
 */
public fun interface CredentialsSupplier {
    /** The credentials, asked for when a call first needs them, and again when they were forgotten, refused or too old. */
    @Throws(Exception::class)
    public fun get(): Credentials
}

/** A listener for the progress of a wait: see [LipiaClient.watch]. */
public fun interface ProgressListener {
    /** Takes one item. An exception ends the wait and is the future's. */
    @Throws(Exception::class)
    public fun progress(progress: Progress)
}

/** A handler of what becomes of the payments that were requested: see [LipiaClient.onOutcome]. */
public fun interface OutcomeHandler {
    /**
     * Takes the news of one payment. When it returns, the payment is acknowledged. When it throws, the payment is told again, so what
     * the handler does must do no harm when it is done twice.
     */
    @Throws(Exception::class)
    public fun handle(payment: Payment)
}
