use super::*;

fn connection(sandbox: bool, base_url: Option<&str>) -> Connection {
    Connection {
        gateway: Gateway::Daraja,
        base_url: base_url.map(str::to_owned),
        query_version: None,
        sandbox,
        json: true,
    }
}

fn decide(connection: &Connection, variables: &[(&str, &str)]) -> Result<Target, &'static str> {
    let lookup = |name: &str| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    Target::decide(connection, &lookup).map_err(|refusal| refusal.code.as_str())
}

#[test]
fn a_missing_variable_never_makes_a_sandbox() {
    let plain = connection(false, None);
    for variables in [
        &[][..],
        &[("DARAJA_CONSUMER_KEY", "key")],
        &[("MPESA_ENVIRONMENT", "sandbox")],
        &[("MPESA_ENVIRONMENT", "production")],
        &[("MPESA_BASE_URL", "https://api.example")],
    ] {
        let target = decide(&plain, variables).unwrap();
        assert_eq!(target.keys, CredentialsFrom::Environment, "{variables:?}");
        assert!(!target.is_sandbox && !target.is_embedded, "{variables:?}");
    }
}

#[test]
fn production_and_a_sandbox_exclude_each_other() {
    let asked = connection(true, None);
    assert!(decide(&asked, &[]).unwrap().is_embedded);
    for (name, word) in [
        ("MPESA_ENVIRONMENT", "production"),
        ("MPESA_ENVIRONMENT", "LIVE"),
        ("MPESA_ENV", "Production"),
        ("DARAJA_ENVIRONMENT", "production"),
        ("MPESA_ENVIRONMENT", "prod"),
        ("MPESA_ENVIRONMENT", "productoin"),
        ("MPESA_ENV", "prod"),
    ] {
        assert_eq!(
            decide(&asked, &[(name, word)]),
            Err("sandbox_in_production")
        );
        let local = connection(false, Some("http://127.0.0.1:8600"));
        let target = decide(&local, &[(name, word)]).unwrap();
        assert_eq!(target.keys, CredentialsFrom::Environment, "{name}={word}");
    }
}

#[test]
fn a_sandbox_goes_with_every_other_environment() {
    for (name, word) in [
        ("MPESA_ENVIRONMENT", "sandbox"),
        ("MPESA_ENVIRONMENT", " Sandbox "),
        ("MPESA_ENV", "test"),
        ("DARAJA_ENVIRONMENT", "development"),
    ] {
        let target = decide(&connection(true, None), &[(name, word)]);
        assert!(
            target.is_ok_and(|target| target.is_embedded),
            "{name}={word}"
        );
    }
}

#[test]
fn an_address_on_this_machine_goes_with_the_public_keys() {
    let local = connection(false, Some("http://127.0.0.1:8600"));
    let target = decide(&local, &[]).unwrap();
    assert_eq!(
        (target.keys, target.is_sandbox),
        (CredentialsFrom::Sandbox, true)
    );
    let own = decide(&local, &[("MPESA_CONSUMER_KEY", "own")]).unwrap();
    assert_eq!(
        (own.keys, own.is_sandbox),
        (CredentialsFrom::Environment, false)
    );
    let public = decide(&local, &[("MPESA_CONSUMER_KEY", CONSUMER_KEY)]).unwrap();
    assert!(public.is_sandbox);
    let far = connection(false, Some("https://api.example"));
    let public = decide(&far, &[("MPESA_CONSUMER_KEY", CONSUMER_KEY)]).unwrap();
    assert!(!public.is_sandbox);
}

#[test]
fn a_cleartext_host_is_a_sandbox_and_not_this_machine() {
    const HOSTS: (&str, &str) = ("LIPIA_CLEARTEXT_HOSTS", "10.0.2.2, sandbox");
    for url in [
        "http://sandbox:8600",
        "http://SANDBOX",
        "http://10.0.2.2:8600/v1",
    ] {
        let there = connection(false, Some(url));
        let target = decide(&there, &[HOSTS]).unwrap();
        assert_eq!(
            (target.keys, target.is_own_sandbox, target.is_sandbox),
            (CredentialsFrom::Sandbox, true, true),
            "{url}"
        );
        // A listener on this machine is not where such a sandbox posts callbacks.
        assert!(!target.is_local, "{url}");
        assert_eq!(target.cleartext_hosts, ["10.0.2.2", "sandbox"]);
        let own = decide(&there, &[HOSTS, ("MPESA_CONSUMER_KEY", "own")]).unwrap();
        assert_eq!(
            (own.keys, own.is_sandbox),
            (CredentialsFrom::Environment, false)
        );
        let production = decide(&there, &[HOSTS, ("MPESA_ENVIRONMENT", "production")]).unwrap();
        assert_eq!(production.keys, CredentialsFrom::Environment);
        let unlisted = decide(&there, &[]).unwrap();
        assert_eq!(
            (unlisted.keys, unlisted.is_own_sandbox),
            (CredentialsFrom::Environment, false)
        );
    }
    for url in [
        "https://sandbox",
        "http://sandbox.example.com",
        "http://u@sandbox",
    ] {
        let target = decide(&connection(false, Some(url)), &[HOSTS]).unwrap();
        assert_eq!(
            (target.keys, target.is_own_sandbox),
            (CredentialsFrom::Environment, false),
            "{url}"
        );
    }
    let there = connection(false, Some("http://sandbox:8600"));
    let unreadable = [("LIPIA_CLEARTEXT_HOSTS", "sandbox:8600")];
    assert_eq!(
        decide(&there, &unreadable),
        Err("cleartext_host_unreadable")
    );
}

#[test]
fn the_environment_of_payments_is_that_of_the_client() {
    let environment = |gateway, base_url, word: Option<&str>| {
        let connection = Connection {
            gateway,
            ..connection(false, base_url)
        };
        let variables = [
            ("MPESA_CONSUMER_KEY", "key"),
            // Without a key the sandbox's are taken, and nothing is left to decide.
            ("PALPLUSS_API_KEY", "key"),
            ("LIPIA_CLEARTEXT_HOSTS", "sandbox"),
        ];
        let lookup = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let target = Target::decide(&connection, &lookup).unwrap();
        let environment = target.environment_by(word.map(str::to_owned));
        environment.map_or("refused", Environment::as_str)
    };
    assert_eq!(environment(Gateway::Daraja, None, None), "sandbox");
    assert_eq!(environment(Gateway::Palpluss, None, None), "production");
    assert_eq!(
        environment(Gateway::Palpluss, Some("http://127.0.0.1:1"), None),
        "sandbox"
    );
    let at = |url| environment(Gateway::Palpluss, Some(url), None);
    assert_eq!(at("http://sandbox/v1"), "sandbox");
    assert_eq!(at("https://sandbox/v1"), "production");
    for gateway in [Gateway::Daraja, Gateway::Upesipay] {
        let word = |word| environment(gateway, None, Some(word));
        assert_eq!(word("production"), "production");
        assert_eq!(word("sandbox"), "sandbox");
        assert_eq!(word("nonsense"), "refused");
    }
}

#[test]
fn money_may_move_wherever_it_is_not_certain_that_it_does_not() {
    let moves = |gateway, base_url, variables: &[(&str, &str)]| {
        let connection = Connection {
            gateway,
            ..connection(false, base_url)
        };
        let lookup = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let target = Target::decide(&connection, &lookup).unwrap();
        target.may_move_money_by(&lookup)
    };
    let local = Some("http://127.0.0.1:8600");
    let sandbox = &[("MPESA_ENVIRONMENT", "sandbox")][..];
    assert!(!moves(Gateway::Daraja, None, sandbox));
    assert!(!moves(Gateway::Daraja, None, &[]));
    assert!(!moves(Gateway::Palpluss, local, sandbox));
    let hosts = &[("LIPIA_CLEARTEXT_HOSTS", "sandbox")][..];
    assert!(!moves(Gateway::Palpluss, Some("http://sandbox/v1"), hosts));
    assert!(moves(Gateway::Palpluss, Some("http://sandbox/v1"), &[]));
    assert!(moves(Gateway::Palpluss, Some("https://sandbox/v1"), hosts));
    assert!(!moves(
        Gateway::Daraja,
        Some("https://sandbox.safaricom.co.ke"),
        sandbox
    ));
    assert!(moves(
        Gateway::Daraja,
        Some("https://api.safaricom.co.ke"),
        sandbox
    ));
    assert!(moves(Gateway::Palpluss, None, sandbox));
    for (name, word) in [
        ("MPESA_ENVIRONMENT", "production"),
        ("MPESA_ENVIRONMENT", "prod"),
        ("MPESA_ENV", "live"),
        ("DARAJA_ENV", "production"),
    ] {
        assert!(moves(Gateway::Daraja, local, &[(name, word)]), "{name}");
    }
}
