"""The peers in Python. One module each, with the same functions:

- ``make(where)`` gives a client that speaks to a gateway, ``push(client, reference)`` pushes once
  with it;
- ``make_async(where)`` and ``push_async(client, reference)`` the same for asyncio;
- ``parse(body)`` reads a callback.

A module has those that its library has, and names its ``DISTRIBUTION``. `bench/driver/peers.py` is
the table of them all.
"""
