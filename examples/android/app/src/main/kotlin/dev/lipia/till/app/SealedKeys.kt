package dev.lipia.till.app

import dev.lipia.Credentials
import java.io.ByteArrayInputStream
import java.io.ByteArrayOutputStream
import java.io.DataInputStream
import java.io.DataOutputStream
import javax.crypto.Cipher
import javax.crypto.SecretKey
import javax.crypto.spec.GCMParameterSpec

/** The merchant's keys as they are typed in at set-up. Shows nothing of itself. */
class DarajaKeys(val consumerKey: String, val consumerSecret: String, val shortCode: String, val passKey: String) {
    fun credentials(): Credentials = Credentials.daraja(consumerKey, consumerSecret, shortCode, passKey)
}

/** Keys as they lie in a file: AES-GCM, under a key that only this device's Keystore has. No Android in here. */
object SealedKeys {
    private const val TRANSFORMATION = "AES/GCM/NoPadding"
    private const val TAG_BITS = 128
    private const val NONCE_BYTES = 12

    /** The nonce, which the cipher chooses by chance, and what it has sealed. */
    fun seal(keys: DarajaKeys, key: SecretKey): ByteArray {
        val cipher = Cipher.getInstance(TRANSFORMATION).apply { init(Cipher.ENCRYPT_MODE, key) }
        val plain = ByteArrayOutputStream().also { bytes ->
            DataOutputStream(bytes).run {
                for (part in listOf(keys.consumerKey, keys.consumerSecret, keys.shortCode, keys.passKey)) writeUTF(part)
            }
        }.toByteArray()
        try {
            return cipher.iv + cipher.doFinal(plain)
        } finally {
            plain.fill(0)
        }
    }

    /** @throws java.security.GeneralSecurityException where it was not sealed with this key, or was changed. */
    fun open(sealed: ByteArray, key: SecretKey): DarajaKeys {
        val cipher = Cipher.getInstance(TRANSFORMATION)
        cipher.init(Cipher.DECRYPT_MODE, key, GCMParameterSpec(TAG_BITS, sealed, 0, NONCE_BYTES))
        val plain = cipher.doFinal(sealed, NONCE_BYTES, sealed.size - NONCE_BYTES)
        try {
            return DataInputStream(ByteArrayInputStream(plain)).run {
                DarajaKeys(readUTF(), readUTF(), readUTF(), readUTF())
            }
        } finally {
            plain.fill(0)
        }
    }
}
