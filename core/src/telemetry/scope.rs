//! The scope of a future: the span that it runs within, and the caller's own span.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// What a span that begins now belongs to.
#[derive(Clone, Debug, Default)]
pub(super) struct Parent {
    pub(super) span: Option<u64>,
    pub(super) caller: Option<Arc<str>>,
}

thread_local! {
    static CURRENT: RefCell<Parent> = const { RefCell::new(Parent { span: None, caller: None }) };
}

impl Parent {
    /// What the future that this thread polls runs within.
    pub(super) fn current() -> Self {
        CURRENT.with_borrow(Self::clone)
    }

    fn is_none(&self) -> bool {
        self.span.is_none() && self.caller.is_none()
    }
}

/// Puts the thread's parent back when it is dropped, also where a poll panics.
struct Entered(Parent);

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.set(std::mem::take(&mut self.0));
    }
}

/// The span that a future runs within: of `tracing`, and of the observer.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    pub(super) tracing: tracing::Span,
    pub(super) parent: Option<Parent>,
}

impl Scope {
    /// The scope of the future that this thread polls.
    fn current() -> Self {
        let parent = Parent::current();
        Self {
            tracing: tracing::Span::current(),
            parent: (!parent.is_none()).then_some(parent),
        }
    }

    fn is_none(&self) -> bool {
        self.tracing.is_disabled() && self.parent.is_none()
    }

    fn enter<T>(&self, work: impl FnOnce() -> T) -> T {
        self.tracing.in_scope(|| {
            let _entered = self
                .parent
                .as_ref()
                .map(|parent| Entered(CURRENT.replace(parent.clone())));
            work()
        })
    }

    /// Runs a future within this scope.
    pub(crate) fn run<F: Future + ?Sized>(self, future: Pin<&mut F>) -> Within<'_, F> {
        Within {
            scope: self,
            future,
        }
    }
}

/// A future that runs within a scope.
#[derive(Debug)]
pub(crate) struct Within<'a, F: ?Sized> {
    scope: Scope,
    future: Pin<&'a mut F>,
}

impl<F: Future + ?Sized> Future for Within<'_, F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let Self { scope, future } = self.get_mut();
        scope.enter(|| future.as_mut().poll(context))
    }
}

/// Spawns a task that stays within the span of whoever spawns it.
pub(crate) fn spawn(task: impl Future<Output = ()> + Send + 'static) {
    let scope = Scope::current();
    if scope.is_none() {
        tokio::spawn(task);
    } else {
        // Boxed, so that there is one such task for all futures.
        tokio::spawn(run_boxed(scope, Box::pin(task)));
    }
}

async fn run_boxed(scope: Scope, mut task: Pin<Box<dyn Future<Output = ()> + Send>>) {
    scope.run(task.as_mut()).await;
}

/// The caller's own span, for a program whose spans are not `tracing`'s: what begins within the call is its child.
#[derive(Clone, Debug, Default)]
pub struct Caller(Option<Arc<str>>);

impl Caller {
    /// A caller whose span has this name, such as a W3C `traceparent`. Lipia only passes it on.
    #[must_use]
    pub fn of(span: Option<String>) -> Self {
        Self(span.map(Arc::from))
    }

    fn scope(&self) -> Scope {
        Scope {
            tracing: tracing::Span::none(),
            parent: self.0.clone().map(|caller| Parent {
                span: None,
                caller: Some(caller),
            }),
        }
    }

    /// Calls a function for the caller.
    pub fn call<T>(&self, work: impl FnOnce() -> T) -> T {
        self.scope().enter(work)
    }

    /// Runs a future for the caller.
    pub fn run<F: Future + ?Sized>(
        self,
        future: Pin<&mut F>,
    ) -> impl Future<Output = F::Output> + Unpin {
        self.scope().run(future)
    }
}
