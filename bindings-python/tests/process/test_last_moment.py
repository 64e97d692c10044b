"""A caller that leaves just before it gets the result: the payment is kept."""

from __future__ import annotations

from .conftest import Run


def test_ctrl_c_that_comes_with_the_answer_leaves_the_payment(run: Run) -> None:
    printed = run(
        """
        import signal, threading, time
        from collections import Counter

        def interrupt(prompts):
            deadline = time.monotonic() + 20
            while sandbox.prompts == prompts and time.monotonic() < deadline:
                time.sleep(0.001)
            os.kill(os.getpid(), signal.SIGINT)

        ends = Counter()
        with lipia.Sandbox() as sandbox, sandbox.daraja() as daraja:
            for number in range(20):
                # The answer comes sooner than Lipia looks whether Ctrl-C was pressed.
                sandbox.inject("push", "slow_after", seconds=3)
                thread = threading.Thread(target=interrupt, args=(sandbox.prompts,))
                verb = daraja.collect if number % 2 else daraja.stk_push
                thread.start()
                try:
                    verb(**sale())
                    ends["returned"] += 1
                    thread.join()
                    time.sleep(0.05)
                except KeyboardInterrupt:
                    thread.join()
                    ends["kept"] += len(daraja.unclaimed())
            print(ends["returned"] + ends["kept"], sandbox.prompts)
        """
    )
    assert printed.split() == ["20", "20"]


def test_a_task_that_is_cancelled_between_its_result_and_its_next_step_leaves_the_payment(
    run: Run,
) -> None:
    printed = run(
        """
        import asyncio

        class Loop(asyncio.SelectorEventLoop):
            victim = None

            def call_soon_threadsafe(self, callback, *arguments, **keywords):
                if self.victim is None or type(callback).__name__ != "Calls":
                    return super().call_soon_threadsafe(callback, *arguments, **keywords)
                victim, self.victim = self.victim, None

                def hand_over_and_cancel():
                    callback()
                    # The result is set; the task that waits for it runs in the loop's next turn.
                    victim.cancel()

                return super().call_soon_threadsafe(hand_over_and_cancel)

        async def main(verb):
            task = loop.victim = asyncio.ensure_future(verb(**sale()))
            try:
                await task
            except asyncio.CancelledError:
                print([payment.snapshot().state.value for payment in daraja.unclaimed()])

        loop = Loop()
        with lipia.Sandbox() as sandbox:
            daraja = sandbox.async_daraja()
            loop.run_until_complete(main(daraja.stk_push))
            loop.run_until_complete(main(daraja.collect))
            print(sandbox.prompts)
        """
    )
    assert printed.split("\n")[:3] == ["['accepted']", "['settled']", "2"]


def test_a_program_may_end_while_it_is_being_told_of_its_last_answer(run: Run) -> None:
    printed = run(
        """
        import asyncio, time, types

        class Loop(asyncio.SelectorEventLoop):
            def call_soon_threadsafe(self, *arguments, **keywords):
                handle = super().call_soon_threadsafe(*arguments, **keywords)
                # The loop goes on at once, and the program with it.
                time.sleep(0.1)
                return handle

        class LongEnd:
            # Python takes a while to end, as where there is much to tear down.
            def __del__(self, sleep=time.sleep):
                sleep(0.5)

        sys.modules["torn_down"] = types.ModuleType("torn_down")
        sys.modules["torn_down"].end = LongEnd()
        sandbox = lipia.Sandbox()
        print(Loop().run_until_complete(sandbox.async_daraja().stk_push(**sale())).gateway.value)
        """
    )
    assert printed.split() == ["daraja"]
