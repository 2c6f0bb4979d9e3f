#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cgroups: no matter
#
# Against a registry that misbehaves: the error says what is wrong, what came before it can be
# resumed, and a login goes to nobody it is not for.

load ../lib/registry

# DRIVE_*: tests need not wait as long as people.
# shellcheck disable=SC2030,SC2031
export DRIVE_STALL=1

@test "an honest registry" {
	bad_begins
	ok drive pull "$HOST/good/x:1" "$OUT"
	is_whole
	ok drive manifest "$HOST/good/x@$DIGEST"
	says "$DIGEST application/vnd.oci.image.manifest.v1+json *"
	fails drive manifest "$HOST/good/x:2"
	says '*/good/x/manifests/2: there is none (404, MANIFEST_UNKNOWN)'
}

# ------------------------------------------------------------------------------- what breaks

@test "connections that break are taken up where they broke" {
	bad_begins
	ok drive pull "$HOST/cut/x:1" "$OUT"
	is_whole
	asked 1 "blobs/sha256:$BIG .*range=bytes=300000- if-range=\"tag\""
	asked 1 "blobs/sha256:$BIG .*range=bytes=2700000- if-range=\"tag\""
}

@test "a transfer that is interrupted is resumed by the next" {
	bad_begins
	DRIVE_STOP_AT=400000 fails drive pull "$HOST/good/x:1" "$OUT"
	says '*interrupted'
	(($(stat -c %s "$OUT/$BIG") < 3000000))
	: >"$LOG"
	ok drive pull "$HOST/good/x:1" "$OUT"
	is_whole
	asked 1-2 "blobs/sha256:.*range=bytes=" # of the two large ones, those that had begun
}

@test "a partial file that is something else costs one more transfer" {
	bad_begins
	head -c 1000000 /dev/urandom >"$OUT/$BIG"
	ok drive pull "$HOST/good/x:1" "$OUT"
	is_whole
	says "*${BIG:0:12} whole 3000000 restarts=1*"
}

@test "a partial file that is too long is begun anew" {
	bad_begins
	head -c 5000000 /dev/urandom >"$OUT/$BIG"
	ok drive pull "$HOST/good/x:1" "$OUT"
	is_whole
	asked 1 "blobs/sha256:$BIG .*range=none"
}

@test "what is whole already is not asked for again" {
	bad_begins
	ok drive pull "$HOST/good/x:1" "$OUT"
	: >"$LOG"
	ok drive pull "$HOST/good/x:1" "$OUT"
	asked 0 blobs
}

@test "a registry without ranges: the file begins anew" {
	local fault

	bad_begins
	for fault in norange wrongrange range416; do
		rm -f "$OUT"/*
		head -c 1000000 "$IMAGE/$BIG" >"$OUT/$BIG"
		ok drive pull "$HOST/$fault/x:1" "$OUT"
		is_whole
		says "*${BIG:0:12} whole 3000000 restarts=1*"
	done
}

@test "a registry that breaks off and has no ranges: a bounded number of attempts" {
	bad_begins
	DRIVE_ATTEMPTS=3 fails drive pull "$HOST/cutnorange/x:1" "$OUT"
	says '*the connection ended before the content did'
	asked 3-4 "blobs/sha256:$BIG "
}

@test "a body whose end is not announced is not taken for whole" {
	bad_begins
	fails drive pull "$HOST/close/x:1" "$OUT"
	says '*it ends after 300000 of *000 bytes'
}

@test "a stall is noticed, and gone on from" {
	bad_begins
	ok drive pull "$HOST/stall/x:1" "$OUT"
	is_whole
	asked 1 "blobs/sha256:$BIG .*range=bytes=300000-"
}

@test "a drip is as good as a stall" {
	bad_begins
	DRIVE_ATTEMPTS=1 LIMIT=60 fails drive pull "$HOST/drip/x:1" "$OUT"
	says '*nothing came for too long'
}

# ------------------------------------------------------------------------------- what lies

@test "sizes that are not the manifest's" {
	bad_begins
	fails drive pull "$HOST/short/x:1" "$OUT"
	says '*the registry sends *995 bytes, where the manifest says *000'
	fails drive pull "$HOST/long/x:1" "$OUT"
	says '*the registry sends *004 bytes, where the manifest says *000'
	fails drive pull "$HOST/endless/x:1" "$OUT"
	says '*the registry sends * bytes, where the manifest says *000'
	(($(stat -c %s "$OUT/$BIG") <= 3000000))
}

@test "content that is not the digest's does not stay" {
	bad_begins
	fails drive pull "$HOST/corrupt/x:1" "$OUT"
	says '*what came has the digest sha256:*'
	fails test -s "$OUT/$BIG" -a "$(stat -c %s "$OUT/$BIG")" = 3000000
}

@test "a manifest that is not the digest's" {
	bad_begins
	fails drive manifest "$HOST/liar/x@$DIGEST"
	says "*what came has the digest sha256:*, not $DIGEST as its name says"
	fails drive manifest "$HOST/liar/x:1"
	says "*what came has the digest sha256:*, not $DIGEST as the registry says"
}

@test "a registry that does not say the digest, or knows no HEAD" {
	bad_begins
	ok drive head "$HOST/silent/x:1"
	says "$DIGEST *"
	ok drive head "$HOST/nohead/x:1"
	says "$DIGEST *"
}

@test "what does not end is ended" {
	bad_begins
	fails drive manifest "$HOST/hugemanifest/x:1"
	says '*the answer is longer than 4194304 bytes'
	fails drive manifest "$HOST/hugeerror/x:1"
	says '*there is none (404*'
	fails drive manifest "$HOST/hugeheaders/x:1"
	says "*the headers of the answer don't end"
}

@test "what a registry says moves no cursor" {
	bad_begins
	fails drive manifest "$HOST/escape/x:1"
	says '*access is denied (403, \\x1b]0;owned\\x07 no)*'
}

# ------------------------------------------------------------------------------- where it leads

@test "another host gets no login, and its answer counts" {
	bad_begins
	echo '{"auths":{"'"$HOST"'":{"auth":"dXNlcjpwYXNz"}}}' >"$REGISTRY_AUTH_FILE"
	ok drive pull "$HOST/redirect/x:1" "$OUT"
	is_whole
	asked 4 ' /v2/redirect/x/blobs/sha256:[0-9a-f]* auth=Bearer_the-token'
	asked 2 ' /v2/redirect/x/blobs/.*secret=1 auth=none'
	asked 0 'secret=1 auth=B'
}

@test "a redirect may be relative, and may not be endless" {
	bad_begins
	ok drive pull "$HOST/relative/x:1" "$OUT"
	is_whole
	fails drive pull "$HOST/redirectloop/x:1" "$T"
	says '*is sent on without end'
	asked 0-11 "redirectloop/x/blobs/sha256:$BIG"
}

@test "nobody leads from https to http" {
	make_certificate
	bad_begins "$T/tls.crt" "$T/tls.key"
	export DRIVE_CERTS=$T/certs
	ok drive manifest "$HOST/good/x:1"
	fails drive pull "$HOST/downgrade/x:1" "$OUT"
	says "*sends on to 'http://127.0.0.1:*', which is not encrypted"
	fails drive pull "$HOST/plainrealm/x:1" "$OUT"
	says "*wants a token of 'http://127.0.0.1:*/token', which is not encrypted"
	asked 1 "downgrade/x/blobs/sha256:$BIG"
	asked 0 /token
}

@test "another host that wants a login gets none" {
	bad_begins
	echo '{"auths":{"'"$HOST"'":{"auth":"dXNlcjpwYXNz"}}}' >"$REGISTRY_AUTH_FILE"
	fails drive pull "$HOST/redirect401/x:1" "$OUT"
	says '*/deny/me: it wants a login (401*'
	asked 1-99 '/v2/redirect401/x/blobs/.* auth=Basic'
	asked 1-99 '/deny/me auth=none'
	asked 0 '/deny/me auth=B'
}

@test "a token service that leads elsewhere takes no password there" {
	bad_begins
	echo '{"auths":{"'"$HOST"'":{"auth":"dXNlcjpwYXNz"}}}' >"$REGISTRY_AUTH_FILE"
	fails drive manifest "$HOST/movedtoken/x:1"
	asked 1 '/movedtoken.* auth=Basic_dXNlcjpwYXNz'
	asked 1-99 ' /token.* auth=none'
	asked 0 ' /token.* auth=B'
}

# ------------------------------------------------------------------------------- who is let in

@test "basic: the login that is kept, and a clear word without one" {
	bad_begins
	fails drive manifest "$HOST/basic/x:1"
	says "*it wants a login (401, UNAUTHORIZED)*'tare login $HOST'*"
	echo '{"auths":{"'"$HOST"'/basic":{"auth":"dXNlcjpwYXNz"}}}' >"$REGISTRY_AUTH_FILE"
	ok drive manifest "$HOST/basic/x:1"
	asked 1 'auth=Basic_dXNlcjpwYXNz'
	echo '{"auths":{"'"$HOST"'":{"auth":"dXNlcjp3cm9uZw=="}}}' >"$REGISTRY_AUTH_FILE"
	: >"$LOG"
	fails drive manifest "$HOST/basic/x:1"
	says '*it wants a login (401*'
	asked 1 'auth=Basic'
}

@test "tokens: as nobody, with a password, with an identity token" {
	bad_begins
	ok drive pull "$HOST/token/x:1" "$OUT"
	is_whole
	asked 1 '/token\?service=a%20b%26c&scope=repository%3Atoken%2Fx%3Apull auth=none'
	asked 2 manifests
	echo '{"auths":{"'"$HOST"'":{"auth":"dXNlcjpwYXNz"}}}' >"$REGISTRY_AUTH_FILE"
	ok drive manifest "$HOST/token/x:1"
	asked 1 '/token\?.*account=user auth=Basic_dXNlcjpwYXNz'
	echo '{"auths":{"'"$HOST"'":{"identitytoken":"identity"}}}' >"$REGISTRY_AUTH_FILE"
	ok drive manifest "$HOST/token/x:1"
	asked 1 '^FORM grant_type=refresh_token&service=a%20b%26c&client_id=tare&scope='
	echo '{"auths":{"'"$HOST"'":{"identitytoken":"old"}}}' >"$REGISTRY_AUTH_FILE"
	fails drive manifest "$HOST/token/x:1"
	says "*no such token*the login for $HOST is not accepted*"
}

@test "a token that expires is replaced; one that is never accepted ends in words" {
	bad_begins
	DRIVE_PARALLEL=1 ok drive pull "$HOST/expired/x:1" "$OUT"
	is_whole
	asked 2 '/token'
	fails drive manifest "$HOST/loop401/x:1"
	says '*it wants a login (401, UNAUTHORIZED)*'
	asked 2 loop401/x/manifests
	fails drive manifest "$HOST/badtoken/x:1"
	says '*has no token'
}

# ------------------------------------------------------------------------------- who is busy

@test "a busy registry is asked again when it says" {
	bad_begins
	ok drive manifest "$HOST/busy/x:1"
	asked 3 busy/x/manifests
	fails drive manifest "$HOST/verybusy/x:1"
	says '*it is busy (503, UNAVAILABLE)*try again in 86400 seconds*'
	asked 1 verybusy/x/manifests
}

@test "nobody there" {
	fails drive manifest 127.0.0.1:9/x:1
	says '*connect to 127.0.0.1 port 9*'
}

# ------------------------------------------------------------------------------- push

@test "push: relative addresses with a query, mounts, and what comes broken" {
	bad_begins
	ok drive push "$HOST/good/x:new" "$IMAGE"
	says "${BIG:0:12} uploaded 3000000*"
	ok drive push "$HOST/good/x:new" "$IMAGE"
	says "${BIG:0:12} existed 3000000*"
	ok drive push "$HOST/relative/x:new" "$IMAGE"
	asked 5 'PUT .*/v2/relative/x/blobs/uploads/there.upload=[0-9]*&state=a%2Fb&digest='
	ok drive push "$HOST/mounts/x:new" "$IMAGE" other/path
	says "${BIG:0:12} mounted 3000000*"
	ok drive push "$HOST/nomounts/x:new" "$IMAGE" other/path
	says "${BIG:0:12} uploaded 3000000*"
	fails drive push "$HOST/otherdigest/x:new" "$IMAGE"
	says '*what came has the digest * as the registry says'
}

@test "push: an upload that breaks off is begun anew" {
	bad_begins
	ok drive push "$HOST/putcut/x:new" "$IMAGE"
	says "${BIG:0:12} uploaded 3000000*"
}

@test "push: in chunks, which are taken up where they broke" {
	bad_begins
	DRIVE_CHUNK=400000 ok drive push "$HOST/patchcut/x:new" "$IMAGE"
	says "${BIG:0:12} uploaded 3000000*"
	asked 2-99 'GET .*/patchcut/x/blobs/uploads/there'
	DRIVE_CHUNK=400000 ok drive push "$HOST/minchunk/x:new" "$IMAGE"
	asked 9 'PATCH .*/v2/minchunk/'
}

# ------------------------------------------------------------------------------- elsewhere

@test "mirrors: the first that has it, and the registry in the end" {
	bad_begins
	cat >"$CONTAINERS_REGISTRIES_CONF" <<-END
		[[registry]]
		prefix = "images.example/app"
		location = "$HOST/good/x"
		insecure = true
		[[registry.mirror]]
		location = "127.0.0.1:9"
		[[registry.mirror]]
		location = "$HOST/noblobs/x"
		insecure = true
	END
	ok drive pull images.example/app:1 "$OUT"
	is_whole
	asked 1 /v2/noblobs/x/manifests/1
	asked 0 /v2/good/x/manifests/1
	asked 1 "/v2/good/x/blobs/sha256:$BIG"
}

@test "a foreign layer comes from where its descriptor says, by https" {
	make_certificate
	bad_begins "$T/tls.crt" "$T/tls.key"
	export DRIVE_CERTS=$T/certs SSL_CERT_FILE=$T/ca.crt
	jq -c --arg url "http://$HOST/v2/good/x/blobs/sha256:$BIG" '.layers[0].urls = [$url]' \
		"$IMAGE/manifest.json" >"$T/bad/manifest.json"
	rm "$T/bad/$BIG"
	fails drive pull "$HOST/good/x:1" "$OUT"
	says '*the layer is to be had at *, which is not encrypted'
}

@test "tags come in pages" {
	bad_begins
	ok drive tags "$HOST/good/x"
	is $'1\n2\n3\n4\n5\n6'
	ok drive tags "$HOST/good/x" 3
	is $'1\n2\n3'
}
