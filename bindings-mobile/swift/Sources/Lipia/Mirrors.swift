// Empty mirrors for types that hold a customer's number, a prompt's id or a secret, because `dump` and debuggers do not use the
// description.

extension Acceptance: CustomReflectable {
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension ClientSettings: CustomReflectable {
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension ErrorDetails: CustomReflectable {
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension Event: CustomReflectable {
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension Expected: CustomReflectable {
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension Flag: CustomReflectable {
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension Payment: CustomReflectable {
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension PhoneNumber: CustomReflectable {
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension Push: CustomReflectable {
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension Status: CustomReflectable {
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension StkPush: CustomReflectable {
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension TimedPassword: CustomReflectable {
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
