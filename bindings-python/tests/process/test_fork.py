"""A client that was used before a fork works after it, in the child and in the parent. Other libraries hang there."""

from __future__ import annotations

import pytest

from .conftest import Run


def test_a_warm_client_works_in_a_child_in_its_child_and_in_the_parent_again(run: Run) -> None:
    printed = run(
        """
        with lipia.Sandbox() as sandbox, sandbox.daraja() as daraja:
            daraja.stk_push(**sale())
            child = os.fork()
            if child == 0:
                daraja.stk_push(**sale())
                grandchild = os.fork()
                if grandchild == 0:
                    daraja.stk_push(**sale())
                    sys.exit(0)
                assert os.waitpid(grandchild, 0)[1] == 0
                daraja.stk_push(**sale())
                sys.exit(0)
            # At the same time as the child.
            for _ in range(5):
                daraja.stk_push(**sale())
            assert os.waitpid(child, 0)[1] == 0
            for _ in range(5):
                daraja.stk_push(**sale())
            counters = sandbox.counters()
            print(counters["prompts"], counters["oauth_calls"])
        """
    )
    # One token for each process, and none is fetched anew by the one that was forked from.
    assert printed.split() == ["14", "3"]


def test_an_async_client_works_in_a_child_and_in_the_parent_again(run: Run) -> None:
    printed = run(
        """
        import asyncio
        sandbox = lipia.Sandbox()
        daraja = sandbox.async_daraja()
        async def several():
            await asyncio.gather(*(daraja.stk_push(**sale()) for _ in range(5)))
        asyncio.run(several())
        child = os.fork()
        if child == 0:
            asyncio.run(several())
            os._exit(0)
        asyncio.run(several())
        assert os.waitpid(child, 0)[1] == 0
        asyncio.run(several())
        print(sandbox.prompts)
        """
    )
    assert printed.split() == ["20"]


def test_a_child_that_ends_closes_nothing_of_its_parent(run: Run) -> None:
    printed = run(
        """
        import gc
        with lipia.Sandbox() as sandbox:
            daraja = sandbox.daraja()
            daraja.stk_push(**sale())
            watch = daraja.reserve(**sale())
            for _ in range(20):
                child = os.fork()
                if child == 0:
                    # An orderly end: everything that was inherited is dropped.
                    del daraja, watch
                    gc.collect()
                    sys.exit(0)
                assert os.waitpid(child, 0)[1] == 0
                daraja.stk_push(**sale())
            print(sandbox.prompts, sandbox.counters()["oauth_calls"])
        """
    )
    assert printed.split() == ["21", "1"]


def test_a_pool_of_forked_workers_shares_a_client(run: Run) -> None:
    printed = run(
        """
        import multiprocessing
        sandbox = lipia.Sandbox()
        daraja = sandbox.daraja()
        daraja.stk_push(**sale())
        def work(_):
            return daraja.collect(**sale()).outcome.value
        with multiprocessing.get_context("fork").Pool(4) as pool:
            outcomes = pool.map(work, range(24))
        print(set(outcomes), sandbox.prompts)
        """
    )
    assert printed.strip() == "{'success'} 25"


def test_a_pool_of_spawned_workers_gets_results_and_errors_through_pickles(
    run: Run, tmp_path: object
) -> None:
    import pathlib

    module = pathlib.Path(str(tmp_path)) / "work.py"
    module.write_text(
        "import lipia\n"
        "def work(base_url, phone_number):\n"
        "    keys = dict(consumer_key='sandbox-key', consumer_secret='sandbox-secret',\n"
        "        short_code='174379', base_url=base_url, callback_url='http://127.0.0.1:9/pay',\n"
        "        pass_key='bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919')\n"
        "    with lipia.Daraja(**keys) as daraja:\n"
        "        payment = daraja.reserve(phone_number=phone_number, amount=1, account_reference='A')\n"
        "        daraja.push(payment)\n"
        "        return payment.snapshot()\n"
    )
    printed = run(
        """
        import multiprocessing
        sys.path.insert(0, sys.argv[1])
        import work
        if __name__ == "__main__":
            with lipia.Sandbox() as sandbox:
                with multiprocessing.get_context("spawn").Pool(2) as pool:
                    payment = pool.apply(work.work, (sandbox.base_url, "0712000115"))
                    print(payment.state)
                    try:
                        pool.apply(work.work, (sandbox.base_url, "07120001"))
                    except lipia.CorrectInputError as error:
                        print(error.code, error.field)
        """,
        str(tmp_path),
    )
    assert printed.split() == ["accepted", "phone_too_short", "phone_number"]


def test_a_live_payment_says_that_it_does_not_cross_a_fork(run: Run) -> None:
    printed = run(
        """
        with lipia.Sandbox() as sandbox, sandbox.daraja() as daraja:
            payment = daraja.reserve(**sale())
            json = payment.to_json()
            child = os.fork()
            if child == 0:
                try:
                    daraja.push(payment)
                except lipia.LookAtPaymentError as error:
                    assert error.code == "payment_of_another_process", error
                    daraja.push(daraja.resume(json))
                    sys.exit(0)
                sys.exit(1)
            print(os.waitpid(child, 0)[1], sandbox.prompts)
        """
    )
    assert printed.split() == ["0", "1"]


def test_a_child_with_its_parents_process_id_has_connections_of_its_own(run: Run) -> None:
    printed = run(
        """
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        NEW_PID_NAMESPACE = 0x20000000
        def forked():
            if libc.unshare(NEW_PID_NAMESPACE) != 0:
                print("may not")
                os._exit(0)
            return os.fork()
        def ended(child):
            return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        sandbox = lipia.Sandbox()
        settings = sandbox.settings()
        parent = forked()
        if parent == 0:
            # The first process of a namespace, and so is its child of another one.
            assert os.getpid() == 1
            daraja = lipia.Daraja(**settings)
            payment = daraja.reserve(**sale())
            daraja.stk_push(**sale())
            child = forked()
            if child == 0:
                assert os.getpid() == 1
                try:
                    payment.snapshot()
                    os._exit(3)
                except lipia.LookAtPaymentError:
                    pass
            for _ in range(20):
                sold = sale()
                phone = sold["phone_number"]
                sold["phone_number"] = phone[:6] + ("3" if child == 0 else "5") + phone[7:]
                made = daraja.reserve(**sold)
                acceptance = daraja.push(made)
                assert made.snapshot().push.phone_number[3:] in acceptance.id, acceptance.id
            os._exit(0 if child == 0 else ended(child))
        status = ended(parent)
        print(status, sandbox.prompts, sandbox.counters()["oauth_calls"])
        """
    )
    if printed.split() == ["may", "not"]:
        pytest.skip("this machine allows no namespaces")
    # One token for each of the two.
    assert printed.split() == ["0", "41", "2"], printed
