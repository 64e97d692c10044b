package dev.lipia.java;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lipia.Acceptance;
import dev.lipia.Credentials;
import dev.lipia.Event;
import dev.lipia.Fit;
import dev.lipia.GatewayEnvironment;
import dev.lipia.GatewayName;
import dev.lipia.Ledger;
import dev.lipia.LipiaException;
import dev.lipia.Outcome;
import dev.lipia.Payment;
import dev.lipia.PaymentHandle;
import dev.lipia.PaymentState;
import dev.lipia.Progress;
import dev.lipia.QueryVersion;
import dev.lipia.Remedy;
import dev.lipia.StkPush;
import dev.lipia.TransactionType;
import dev.lipia.UpesiPayGeneration;
import dev.lipia.WaitOptions;
import dev.lipia.testing.Sandbox;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A merchant's program in Java, against the sandbox. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class JavaTest {
    private static final String PASS_KEY = "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919";
    private static final WaitOptions FAST = new WaitTimes()
            .timeout(Duration.ofSeconds(30))
            .firstQueryAfter(Duration.ofMillis(100))
            .queryEvery(Duration.ofMillis(100))
            .longestPause(Duration.ofMillis(300))
            .build();

    private Sandbox sandbox;

    @BeforeEach
    void start() throws IOException {
        sandbox = Sandbox.start();
    }

    @AfterEach
    void end() {
        sandbox.close();
    }

    private <B extends ClientBuilder<B>> LipiaClient client(B builder, String path) throws LipiaException {
        return builder.baseUrl(sandbox.getBaseUrl() + path).callbackUrl("http://127.0.0.1:9/pay").wait(FAST).build();
    }

    private LipiaClient daraja() throws LipiaException {
        return client(LipiaClient.daraja(JavaTest::credentials), "");
    }

    private static Credentials credentials() throws LipiaException {
        return Credentials.daraja("sandbox-key", "sandbox-secret", "174379", PASS_KEY);
    }

    @Test
    void aSaleIsPaidAtEveryGateway() throws Exception {
        Map<GatewayName, LipiaClient> clients = Map.of(
                GatewayName.DARAJA, daraja(),
                GatewayName.PAL_PLUSS, client(LipiaClient.palPluss(() -> Credentials.palPluss("pp_live_sandbox")), "/v1"),
                GatewayName.UPESI_PAY, client(LipiaClient.upesiPay(() -> Credentials.upesiPay("sandbox-upesipay-token")).channelId("1234"), ""),
                GatewayName.PAY_HERO, client(LipiaClient.payHero(() -> Credentials.payHero("sandbox-payhero-token")).channelId("4321"), "/payhero"));
        for (Map.Entry<GatewayName, LipiaClient> each : clients.entrySet()) {
            try (LipiaClient client = each.getValue()) {
                assertEquals(each.getKey(), client.getGateway());
                Payment payment = LipiaClient.await(client.collect(Push.of("0712345678", 150, "INV-001")));
                assertTrue(payment.isPaid(), each.getKey() + ": " + payment);
                assertEquals(150, payment.getPush().getAmount());
            }
        }
    }

    @Test
    void everySettingOfEveryGatewayIsTaken() throws Exception {
        LipiaClient.daraja(JavaTest::credentials).environment(GatewayEnvironment.SANDBOX).transactionType(TransactionType.BUY_GOODS)
                .partyB("600000").queryVersion(QueryVersion.V2).callbackSecrets(List.of("a secret of 16 bytes"))
                .callbackToken(true).timeout(Duration.ofSeconds(20)).maxAmount(1_000).maxReferenceCharacters(14).guard(true)
                .questionsPerMinute(30).cleartextHosts(List.of("10.0.2.2")).executor(Runnable::run).build().close();
        LipiaClient.palPluss(() -> Credentials.palPluss("key")).plainApiKey(true).channelId("1").credentialId("2").build().close();
        LipiaClient.upesiPay(() -> Credentials.upesiPay("user", "password")).generation(UpesiPayGeneration.TWO).channelId("wallet")
                .build().close();
        LipiaException error = assertThrows(LipiaException.CorrectSettings.class,
                () -> LipiaClient.daraja(JavaTest::credentials).caBundle("/no/such/file").build());
        assertEquals("caBundle", error.getField());
        LipiaException times = assertThrows(LipiaException.class,
                () -> LipiaClient.daraja(JavaTest::credentials).timeout(Duration.ofSeconds(-1)).build());
        assertEquals("timeout", times.getField());
        LipiaException most = assertThrows(LipiaException.CorrectInput.class, () -> {
            try (LipiaClient daraja = client(LipiaClient.daraja(JavaTest::credentials).maxAmount(100), "")) {
                daraja.reserve(Push.of("0712345678", 150, "INV-001"));
            }
        });
        assertEquals("amount", most.getField());
    }

    @Test
    void aReservedPaymentIsPushedWatchedAndTakenUp() throws Exception {
        try (LipiaClient daraja = daraja()) {
            PaymentHandle payment = daraja.reserve(Push.builder("0712 345 678", new BigDecimal("149.50"), "INV-001")
                    .roundAmount(true).transactionDesc("Two coffees").build());
            assertEquals(PaymentState.RESERVED, payment.snapshot().getState());
            Acceptance acceptance = LipiaClient.await(daraja.push(payment, Duration.ofSeconds(30)));
            List<Progress> news = Collections.synchronizedList(new ArrayList<>());
            Payment settled = LipiaClient.await(daraja.watch(payment, news::add));
            assertTrue(settled.isPaid());
            Progress.Queried asked = assertInstanceOf(Progress.Queried.class, news.get(0));
            assertTrue(LipiaClient.elapsed(asked).orElseThrow().toMillis() > 0);
            assertEquals(settled, assertInstanceOf(Progress.Settled.class, news.get(news.size() - 1)).getPayment());
            assertEquals(Outcome.SUCCESS, LipiaClient.await(daraja.stkQuery(acceptance.getId())).getOutcome());
            assertEquals(Optional.of(payment), daraja.find(payment.getId()), "handles of one payment are equal");
            PaymentHandle other = daraja.reserve(Push.of("0712345678", 150, "INV-002"));
            assertNotEquals(payment, other);
            assertTrue(LipiaClient.await(daraja.wait(daraja.resume(payment.toJson()))).isPaid());
            assertEquals(List.of(), daraja.unclaimed());
            LipiaClient.await(daraja.drain());
            assertTrue(daraja.isAtRest());
        }
    }

    @Test
    void aCallbackSettlesItsPayment() throws Exception {
        try (LipiaClient daraja = daraja()) {
            sandbox.script("254712345678", "manual");
            PaymentHandle payment = daraja.reserve(Push.of("0712345678", 150, "INV-001"));
            String id = LipiaClient.await(daraja.push(payment)).getCheckoutRequestId();
            byte[] body = ("{\"Body\":{\"stkCallback\":{\"MerchantRequestID\":\"1\",\"CheckoutRequestID\":\"" + id
                    + "\",\"ResultCode\":1032,\"ResultDesc\":\"Request cancelled by user\"}}}").getBytes("UTF-8");
            Event event = daraja.parseCallback(body);
            assertEquals(Outcome.CANCELLED, event.getOutcome());
            var received = LipiaClient.await(daraja.receiveCallback(payment.snapshot().getPush().getCallbackUrl(), body));
            assertEquals(payment.getId(), received.getPaymentId());
            LipiaException forged = assertThrows(LipiaException.Disbelieve.class,
                    () -> LipiaClient.await(daraja.receiveCallback("/pay/forged", body)));
            assertEquals(Remedy.DISBELIEVE, forged.getRemedy());
        }
    }

    @Test
    void whatGoesWrongIsALipiaExceptionWithTheRightAdvice() throws Exception {
        try (LipiaClient daraja = daraja()) {
            LipiaException.TryAgain busy = assertThrows(LipiaException.TryAgain.class,
                    () -> LipiaClient.await(daraja.stkPush(Push.of("0712349012", 150, "INV-001"))));
            assertTrue(LipiaClient.retryAfter(busy).orElseThrow().compareTo(Duration.ZERO) > 0);
            CompletionException joined = assertThrows(CompletionException.class,
                    () -> daraja.collect(Push.of("07", 150, "INV-001")).join());
            LipiaException.CorrectInput input = assertInstanceOf(LipiaException.CorrectInput.class, joined.getCause());
            assertEquals("phoneNumber", input.getField());
            assertThrows(LipiaException.CorrectInput.class, () -> daraja.resume("{}"));
            daraja.close();
            assertThrows(LipiaException.CorrectSettings.class,
                    () -> LipiaClient.await(daraja.stkPush(Push.of("0712345678", 150, "INV-001"))));
        }
    }

    @Test
    void anErrorNamesWhatToWrite() throws Exception {
        String reference = "TABLE-9-LUNCH-AND-COFFEE";
        try (LipiaClient daraja = daraja()) {
            LipiaException error = assertThrows(LipiaException.CorrectInput.class,
                    () -> daraja.reserve(Push.of("0712345678", 150, reference)));
            assertEquals("accountReference", error.getField());
            assertTrue(error.getMessage().contains("`fit = Fit.TRUNCATE`"), error.getMessage());
            StkPush cut = Push.builder("0712345678", 150, reference).fit(Fit.TRUNCATE).build();
            assertEquals("TABLE-9-LUNC", daraja.reserve(cut).snapshot().getPush().getAccountReference());
            assertEquals(Fit.REFUSE, Push.of("0712345678", 150, "INV-001").getFit());
        }
    }

    @Test
    void suppliersRunOnTheExecutorAndMayThrow() throws Exception {
        ExecutorService executor = Executors.newSingleThreadExecutor(work -> new Thread(work, "the app's own"));
        List<String> threads = Collections.synchronizedList(new ArrayList<>());
        try (LipiaClient daraja = client(LipiaClient.daraja(() -> {
            threads.add(Thread.currentThread().getName());
            return credentials();
        }).executor(executor), "")) {
            assertTrue(LipiaClient.await(daraja.collect(Push.of("0712345678", 150, "INV-001"))).isPaid());
            assertTrue(!threads.isEmpty() && threads.stream().allMatch(name -> name.startsWith("the app's own")), threads.toString());
        } finally {
            executor.shutdown();
        }
        IOException own = new IOException("the safe is locked");
        try (LipiaClient daraja = client(LipiaClient.daraja(() -> {
            throw own;
        }), "")) {
            LipiaException error = assertThrows(LipiaException.class,
                    () -> LipiaClient.await(daraja.stkPush(Push.of("0712345678", 150, "INV-001"))));
            assertEquals("keys_not_provided", error.getCode());
            // Under assertions coroutines hand on a copy, with more frames.
            assertEquals(own.getMessage(), assertInstanceOf(IOException.class, error.getCause()).getMessage());
        }
    }

    @Test
    void aFutureThatIsCancelledLeavesItsPaymentUnclaimed() throws Exception {
        sandbox.script("254712345678", "manual");
        try (LipiaClient daraja = daraja()) {
            CompletableFuture<Payment> selling = daraja.collect(Push.of("0712345678", 150, "INV-001"));
            while (sandbox.counted("prompts") == 0) {
                Thread.sleep(5);
            }
            selling.cancel(true);
            LipiaClient.await(daraja.drain());
            List<PaymentHandle> left = new ArrayList<>();
            while (left.isEmpty()) {
                left.addAll(daraja.unclaimed());
                Thread.sleep(5);
            }
            assertEquals("INV-001", left.get(0).snapshot().getPush().getAccountReference());
        }
    }

    @Test
    void anOrderIsPromptedOnceAndItsOutcomeIsToldUntilItIsTaken(@TempDir Path folder) throws Exception {
        ExecutorService executor = Executors.newSingleThreadExecutor();
        BlockingQueue<String> told = new LinkedBlockingQueue<>();
        try (LipiaClient daraja = client(LipiaClient.daraja(JavaTest::credentials)
                .ledger(Ledger.file(folder.resolve("payments.db"))).shop("kiosk"), "")) {
            AutoCloseable listening = daraja.onOutcome(payment -> {
                told.add(payment.getOrder());
                if (told.size() == 1) {
                    throw new IOException("the disk is full");
                }
            }, executor);
            Payment first = LipiaClient.await(daraja.request(Push.of("0712345678", 150, "INV-001"), "table-9"));
            Payment second = LipiaClient.await(daraja.collect(Push.of("0712345678", 150, "INV-001"), "table-9"));
            assertEquals(first.getId(), second.getId());
            assertTrue(second.isPaid());
            assertTrue(LipiaClient.await(daraja.request(Push.of("0712345678", 150, "INV-001"), "table-9")).isExisting());
            assertEquals(1, sandbox.getPrompts());
            while (told.size() < 2) {
                Thread.sleep(20);
            }
            listening.close();
            assertEquals(first.getId(), LipiaClient.await(daraja.getPayments().ofOrder("table-9")).get(0).getId());
            assertTrue(LipiaClient.await(daraja.getPayments().report()).toString().length() > 0);
        } finally {
            executor.shutdown();
        }
    }

    @Test
    void aTokenForTheMerchantsServerIsMadeInJava() throws Exception {
        try (Credentials credentials = Credentials.accessToken("token", "174379", Duration.ofMinutes(5))) {
            assertEquals("Credentials(gateway=daraja)", credentials.toString());
        }
        LipiaException error = assertThrows(LipiaException.CorrectInput.class,
                () -> Credentials.accessToken("token", "174379", Duration.ofSeconds(-1)));
        assertEquals("lifetime", error.getField());
        StkPush push = Push.of("0712345678", 150, "INV-001");
        assertEquals("150", push.getAmount());
    }
}
