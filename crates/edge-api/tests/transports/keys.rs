//! Delivery keys from their creation to their revocation.

use edge_oauth_no_io::Secret;
use experience_edge_api::{KeyFilter, NewKey, scope};

use crate::caller::Caller;
use crate::stage::Stage;

pub(crate) fn created_key_is_found_by_key_and_by_hash<C: Caller>() {
    let stage = Stage::<C>::new();
    let secret = stage.create_key("www");
    let key = stage.call(&stage.api.key(&secret).unwrap());
    assert_eq!(stage.call(&stage.api.key_by_hash(&key.hash)), key);
    assert_eq!(key.label, "www");
    assert_eq!(key.scopes, [scope::DELIVERY, scope::EVERYTHING]);
    assert_eq!(key.created_by.as_deref(), Some("suite"));
    assert!(!key.is_revoked && key.created.is_some());
    let other = stage.fail(&stage.api.key(&Secret::new("another-key")).unwrap());
    assert_eq!(other.status().unwrap(), 404);
    assert!(!format!("{other} {other:?}").contains("another-key"));
}

pub(crate) fn key_is_renamed_by_key_and_by_hash<C: Caller>() {
    let stage = Stage::<C>::new();
    let secret = stage.create_key("www");
    let get = stage.api.key(&secret).unwrap();
    let hash = stage.call(&get).hash;
    stage.call(&stage.api.rename_key(&secret, "ww2").unwrap());
    assert_eq!(stage.call(&get).label, "ww2");
    stage.call(&stage.api.rename_key_by_hash(&hash, "ww3 ä").unwrap());
    assert_eq!(stage.call(&get).label, "ww3 ä");
}

pub(crate) fn key_is_revoked_by_key_and_by_hash<C: Caller>() {
    let stage = Stage::<C>::new();
    let (one, two) = (stage.create_key("one"), stage.create_key("two"));
    stage.call(&stage.api.revoke_key(&one).unwrap());
    let hash = stage.call(&stage.api.key(&two).unwrap()).hash;
    stage.call(&stage.api.revoke_key_by_hash(&hash));
    for key in [one, two] {
        assert!(stage.call(&stage.api.key(&key).unwrap()).is_revoked);
    }
    assert_eq!(stage.keys(KeyFilter::new()).len(), 2);
    assert_eq!(stage.keys(KeyFilter::new().active_only()), []);
}

pub(crate) fn list_reads_all_pages<C: Caller>() {
    let stage = Stage::<C>::new();
    for n in 0..45 {
        stage.create_key(&format!("site {n}"));
    }
    let preview = NewKey::new("preview", "other").scope(scope::PREVIEW);
    stage.call(&stage.api.create_key(&preview).unwrap());
    let (_, before) = stage.requests();
    assert_eq!(stage.keys(KeyFilter::new().label("site")).len(), 45);
    let (_, after) = stage.requests();
    assert_eq!(after - before, 3, "20 keys on a page");

    let five = KeyFilter::new().page_size(5.try_into().unwrap());
    let list = stage.api.keys(five).unwrap();
    let pages = list.pages(|page| stage.try_call(page));
    let pages: Vec<_> = pages.map(Result::unwrap).collect();
    assert_eq!(pages.len(), 10);
    assert!(pages.iter().all(|page| page.total == Some(46)));
    for filter in [
        KeyFilter::new().scope(scope::PREVIEW),
        KeyFilter::new().created_by("other"),
    ] {
        assert_eq!(stage.keys(filter)[0].label, "preview");
    }
}

pub(crate) fn key_is_replaced_without_downtime<C: Caller>() {
    let stage = Stage::<C>::new();
    let old = stage.create_key("www");
    let label = KeyFilter::new().label("www").active_only();
    let old_keys = stage.keys(label.clone());
    let new = stage.create_key("www");
    assert_eq!(stage.keys(label.clone()).len(), 2, "both are valid");
    for key in old_keys {
        stage.call(&stage.api.revoke_key_by_hash(&key.hash));
    }
    assert!(stage.call(&stage.api.key(&old).unwrap()).is_revoked);
    let left = stage.keys(label);
    assert_eq!(left, [stage.call(&stage.api.key(&new).unwrap())]);
}
