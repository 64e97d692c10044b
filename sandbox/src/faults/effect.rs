//! The effects of faults: what each does to a request, an answer or a callback.

/// What a fault does, for the code that plays it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// The connection is closed before the request is read.
    CloseUnread,
    /// The connection is closed without a byte of the answer.
    CutBeforeAnswer,
    /// The connection is closed in the middle of the answer's body.
    CutInBody,
    /// The work starts late.
    WaitBefore,
    /// The answer comes late.
    WaitAfter,
    /// This is answered instead.
    Answer {
        status: u16,
        body: Body,
        retry_after: bool,
    },
    /// Half of the body is missing, and the length says so too.
    TruncateBody,
    /// Members of the answer are changed, wherever they stand in it.
    ChangeMembers {
        names: &'static [&'static str],
        change: Change,
    },
    /// The answer gets more members, and a status.
    AddMembers {
        status: u16,
        members: &'static [(&'static str, &'static str)],
    },
    /// The whole answer goes out under another status.
    UnderStatus(u16),
    /// 504 is answered, and the real answer follows on the same connection.
    Late(Late),
    /// The answer goes out twice.
    SayTwice,
    /// The callback is not sent.
    LoseCallback,
    /// The callback is sent twice.
    DoubleCallback,
}

/// What becomes of a member of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Remove,
    Null,
    Text(&'static str),
    /// An id becomes another id of the same form.
    AnotherId,
}

/// When an answer that is late goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Late {
    /// After the fault's seconds.
    InTime,
    /// Ahead of the answer to the next request on the connection.
    AtNextRequest,
}

/// The body of an answer that is given instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Body {
    /// The gateway's error envelope. Without a code, the gateway's usual one for the status.
    Error {
        code: Option<&'static str>,
        message: &'static str,
    },
    /// The gateway's error envelope, which also tells how long a block lasts: for the fault's seconds.
    Block {
        code: &'static str,
        message: &'static str,
    },
    /// The gateway's error envelope with what the request said as its message.
    Echo,
    /// Anything else.
    Text {
        content_type: &'static str,
        text: &'static str,
    },
}
