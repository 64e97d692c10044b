package dev.lipia.till.app

import android.content.Context
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyProperties
import android.util.AtomicFile
import dev.lipia.Credentials
import dev.lipia.CredentialsProvider
import java.io.File
import java.security.KeyStore
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext

/**
 * The merchant's keys: in a file of the app's own, sealed with a key that never leaves the device's Keystore.
 *
 * For the merchant's own till. An app for the public has a provider that signs in at the merchant's server instead, and
 * returns `Credentials.accessToken(…)`: docs/mobile.md.
 */
class KeystoreCredentials(context: Context) : CredentialsProvider {
    private val file = AtomicFile(File(context.noBackupFilesDir, "keys.sealed"))

    val areThere: Boolean get() = file.baseFile.exists()

    /** Lipia asks when it needs them, and again once they were forgotten. */
    override suspend fun credentials(): Credentials = withContext(Dispatchers.IO) {
        SealedKeys.open(file.readFully(), deviceKey()).credentials()
    }

    /**
     * Keeps what was typed in at set-up.
     *
     * @throws dev.lipia.LipiaException where one of them cannot be right; nothing is kept then.
     */
    suspend fun keep(keys: DarajaKeys): Unit = withContext(Dispatchers.IO) {
        keys.credentials().close()
        val sealed = SealedKeys.seal(keys, deviceKey())
        val stream = file.startWrite()
        try {
            stream.write(sealed)
        } catch (error: Exception) {
            file.failWrite(stream)
            throw error
        }
        file.finishWrite(stream)
    }

    /** When the device changes hands. */
    fun remove() {
        file.delete()
        keyStore().deleteEntry(ALIAS)
    }

    private fun deviceKey(): SecretKey = keyStore().getKey(ALIAS, null) as SecretKey? ?: newKey()

    private fun newKey(): SecretKey {
        val purposes = KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT
        val spec = KeyGenParameterSpec.Builder(ALIAS, purposes)
            .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
            .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
            .setKeySize(KEY_BITS)
            // With `setUserAuthenticationRequired(true)` a finger is asked for: show a BiometricPrompt in `credentials()` then.
            .build()
        return KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, PROVIDER).run {
            init(spec)
            generateKey()
        }
    }

    private fun keyStore(): KeyStore = KeyStore.getInstance(PROVIDER).apply { load(null) }

    private companion object {
        const val PROVIDER = "AndroidKeyStore"
        const val ALIAS = "lipia-till"
        const val KEY_BITS = 256
    }
}
