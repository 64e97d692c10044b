package dev.lipia.till.scenes

import java.io.File
import java.io.InputStream
import java.io.OutputStream
import java.security.Key
import java.security.KeyStoreSpi
import java.security.Provider
import java.security.SecureRandom
import java.security.Security
import java.security.cert.Certificate
import java.security.spec.AlgorithmParameterSpec
import java.util.Collections
import java.util.Date
import java.util.Enumeration
import java.util.concurrent.atomic.AtomicInteger
import javax.crypto.KeyGeneratorSpi
import javax.crypto.SecretKey
import javax.crypto.spec.SecretKeySpec
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.shadows.ShadowContextImpl

/** What of a device outlives the app's process: a folder. */
val device: File = File(System.getProperty("till.device"))

/** The app's folder outside backups, the same one for each process: Robolectric has a new one for each. */
@Implements(className = "android.app.ContextImpl")
class FolderThatStays : ShadowContextImpl() {
    @Implementation
    fun getNoBackupFilesDir(): File = device.resolve("no_backup").apply { mkdirs() }
}

/** The device's Keystore, which Robolectric has none of: one key in a file, and how often the app asked for it. */
class FakeKeystore : Provider("AndroidKeyStore", "1", "Keys of a device that is none") {
    init {
        put("KeyStore.AndroidKeyStore", Keys::class.java.name)
        put("KeyGenerator.AES", Generator::class.java.name)
    }

    class Keys : KeyStoreSpi() {
        override fun engineGetKey(alias: String, password: CharArray?): Key? {
            asked.incrementAndGet()
            return file.takeIf(File::exists)?.let { SecretKeySpec(it.readBytes(), "AES") }
        }

        override fun engineDeleteEntry(alias: String) {
            file.delete()
        }

        override fun engineContainsAlias(alias: String) = file.exists()
        override fun engineIsKeyEntry(alias: String) = file.exists()
        override fun engineSize() = if (file.exists()) 1 else 0
        override fun engineAliases(): Enumeration<String> = Collections.emptyEnumeration()
        override fun engineLoad(stream: InputStream?, password: CharArray?) = Unit
        override fun engineStore(stream: OutputStream?, password: CharArray?) = Unit
        override fun engineGetCertificateChain(alias: String): Array<Certificate>? = null
        override fun engineGetCertificate(alias: String): Certificate? = null
        override fun engineGetCreationDate(alias: String): Date? = null
        override fun engineIsCertificateEntry(alias: String) = false
        override fun engineGetCertificateAlias(certificate: Certificate): String? = null
        override fun engineSetCertificateEntry(alias: String, certificate: Certificate) = Unit
        override fun engineSetKeyEntry(alias: String, key: ByteArray, chain: Array<Certificate>?) = Unit
        override fun engineSetKeyEntry(alias: String, key: Key, password: CharArray?, chain: Array<Certificate>?) = Unit
    }

    class Generator : KeyGeneratorSpi() {
        override fun engineInit(random: SecureRandom) = Unit
        override fun engineInit(parameters: AlgorithmParameterSpec, random: SecureRandom?) = Unit
        override fun engineInit(bits: Int, random: SecureRandom?) = Unit
        override fun engineGenerateKey(): SecretKey {
            file.writeBytes(ByteArray(32).also(SecureRandom()::nextBytes))
            return SecretKeySpec(file.readBytes(), "AES")
        }
    }

    companion object {
        val asked = AtomicInteger()
        private val file = device.resolve("keystore")

        fun install() {
            Security.addProvider(FakeKeystore())
        }
    }
}
