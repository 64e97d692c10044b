"""The guard and the pace of questions, from Python."""

from __future__ import annotations

import asyncio

import pytest

import lipia

SETTINGS = {
    "auth_token": "Basic c2hvcDpzZWNyZXQ=",
    "channel_id": "134",
    "base_url": "http://127.0.0.1:9",
    "callback_url": "https://shop.example/pay",
}


def test_the_standing_of_a_phone_is_told_and_nobody_is_asked():
    with lipia.UpesiPay(**SETTINGS) as client:
        standing = client.guard_standing("0712 345 678")
    assert standing.is_open and standing.opens_at is None
    assert (standing.phone.counted, standing.phone.limit) == (0, 10)
    assert [count.limit for count in standing.account] == [49, 499, 999]
    assert not standing.phone.warning and standing.phone.opens_at is None

    async def awaited():
        async with lipia.AsyncUpesiPay(**SETTINGS) as client:
            return await client.guard_standing("0712345678")

    assert asyncio.run(awaited()) == standing


def test_without_a_guard_there_is_no_standing():
    with lipia.UpesiPay(guard=False, **SETTINGS) as client:
        assert client.guard_standing("0712345678") is None


def test_a_phone_that_is_none_is_refused():
    with lipia.UpesiPay(**SETTINGS) as client, pytest.raises(lipia.CorrectInputError) as caught:
        client.guard_standing("12")
    assert caught.value.field == "phone_number"


def test_the_pace_of_questions_is_a_setting():
    with lipia.UpesiPay(questions_per_minute=10, **SETTINGS):
        pass
    with pytest.raises(lipia.LipiaError) as caught:
        lipia.UpesiPay(questions_per_minute=-1, **SETTINGS)
    assert caught.value.field == "questions_per_minute"
