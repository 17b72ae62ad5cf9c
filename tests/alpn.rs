//! Application protocols: what a client offers, what a server chooses, and what is no list.

mod support;
use support::*;

fn agreed(ours: &[u8], theirs: &[u8]) -> Option<Vec<u8>> {
    let (client, server) = (Ctx::client("root.pem"), Ctx::server("localhost"));
    client.set_alpn(ours).unwrap();
    server.set_alpn(theirs).unwrap();
    let pair = Pair::new(&client, &server, Some("localhost"));
    assert_eq!((pair.client.alpn(), pair.server.alpn()), (None, None), "before the handshake");
    // Nothing in common is no reason to refuse.
    assert_eq!(pair.handshake(), (Ok(()), Ok(())));
    assert_eq!(pair.client.alpn(), pair.server.alpn());
    pair.client.alpn()
}

#[test]
fn the_server_chooses_its_own_first_among_those_offered() {
    assert_eq!(agreed(b"\x02h2\x08http/1.1", b"\x08http/1.1\x02h2").unwrap(), b"http/1.1");
    assert_eq!(agreed(b"\x08http/1.1\x02h2", b"\x01x\x02h2\x08http/1.1").unwrap(), b"h2");
    let (shortest, longest) = ([&b"\x01"[..], b"x"].concat(), [&[255][..], &[7; 255]].concat());
    assert_eq!(agreed(&longest, &longest).unwrap(), [7; 255]);
    assert_eq!(agreed(&[&longest[..], &shortest].concat(), &shortest).unwrap(), b"x");
}

#[test]
fn without_a_common_protocol_there_is_none_and_the_handshake_goes_on() {
    for (ours, theirs) in
        [(&b"\x02h2"[..], &b"\x08http/1.1"[..]), (b"", b"\x02h2"), (b"\x02h2", b""), (b"", b"")]
    {
        assert_eq!(agreed(ours, theirs), None);
    }
    // Bytes are compared, not letters, and no beginning is enough.
    assert_eq!(agreed(b"\x02h2", b"\x02H2\x01h\x03h2c"), None);
}

#[test]
fn a_client_offers_them_in_its_order() {
    let client = Ctx::client("root.pem");
    let offered = |client: &Ctx| {
        let pair = Pair::new(client, &Ctx::server("localhost"), Some("localhost"));
        assert_eq!(pair.client.handshake(), Ok(TLSW_WANT_READ));
        extension(&pair.to_server.drain(), 16)
    };
    assert_eq!(offered(&client), None);
    client.set_alpn(b"\x02h2\x08http/1.1").unwrap();
    assert_eq!(offered(&client).unwrap(), b"\0\x0c\x02h2\x08http/1.1");
    client.set_alpn(b"").unwrap();
    assert_eq!(offered(&client), None);
}

#[test]
fn names_have_one_to_255_bytes() {
    let client = Ctx::client("root.pem");
    client.set_alpn(b"\x02h2").unwrap();
    for wrong in [&b"\0"[..], b"\x02h2\0", b"\x03h2", b"\x02h2\x01", &[255; 255]] {
        let error = client.set_alpn(wrong).unwrap_err();
        assert_eq!(error.status, TLSW_ERR_ARGUMENT, "{wrong:?}");
        assert!(error.message.contains("protocols"), "{}", error.message);
    }
    // Nor more of them than a hello has room for.
    assert_eq!(client.set_alpn(&b"\x01x".repeat(33_000)).unwrap_err().status, TLSW_ERR_ARGUMENT);
    let mut list = empty();
    call(|err| unsafe { tlsw_ctx_get_alpn_protocols(client.0, &mut list, err) }).unwrap();
    assert_eq!(take(list), b"\x02h2");
}
