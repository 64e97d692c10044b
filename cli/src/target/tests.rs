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
fn the_environment_of_payments_is_that_of_the_client() {
    let environment = |gateway, base_url, word: Option<&str>| {
        let connection = Connection {
            gateway,
            ..connection(false, base_url)
        };
        let lookup = |name: &str| (name == "MPESA_CONSUMER_KEY").then(|| "key".to_owned());
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
