#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cgroups: no matter
#
# Registries as people use them: pull, push, login, logout and search, against docker-registry.

load ../lib/images

require_registry() { command -v docker-registry >/dev/null || skip 'needs docker-registry'; }

setup_images() {
	require_registry
	box_image box:1
	layer_dir more >/dev/null
	echo more >"$T/layers/more/more"
	image more:1 '.config.Cmd = ["sh"]' box:gzip more:gzip
	take box:1
	take more:1
}

# What the registry was asked for, as its own log has it: METHOD /v2/...
requests() { grep -cE "\"$1" "$T/registry.log" || true; }

digest_of() { jq -r .manifest "$STATE/references/$(tr / + <<<"$1")"; }

@test "what is pushed is pulled again, by tag and by digest" {
	setup_images
	real_begins
	ok tare tag more:1 "$HOST/a/app:1"
	ok tare push "$HOST/a/app:1"
	shows "^1: digest: $MANIFEST size: [0-9]+$"
	ok tare rmi "$HOST/a/app:1" more:1
	ok tare pull "$HOST/a/app:1"
	shows "^Digest: $MANIFEST$"
	shows "^Status: Downloaded newer image for $HOST/a/app:1$"
	is "$HOST/a/app:1" "${lines[-1]}"
	ok box "$HOST/a/app:1" 'cat /more'
	is more
	ok tare pull "$HOST/a/app:1"
	shows "^Status: Image is up to date for $HOST/a/app:1$"
	ok tare rmi "$HOST/a/app:1"
	ok tare pull -q "$HOST/a/app@$MANIFEST"
	is "$HOST/a/app@$MANIFEST"
	ok box "$HOST/a/app@$MANIFEST" 'cat /more'
	ok tare image inspect "$HOST/a/app@$MANIFEST"
	is "$IMAGE_ID" "$(jq -r '.[0].Id' <<<"$output")"
	ok tare system check
	like 'broken: 0, rubbish: 0'
}

@test "run pulls what is not there" {
	setup_images
	real_begins
	ok tare push box:1 "$HOST/a/box:1"
	ok tare rmi box:1 more:1
	ok tare run --rm --network none "$HOST/a/box:1" echo ran
	is ran "${lines[-1]}"
	fails tare run --rm --network none "$HOST/a/none:1" true
	like "$HOST/a/none:1"
}

@test "an unknown tag, and an unknown repository" {
	setup_images
	real_begins
	ok tare push -q box:1 "$HOST/a/app:1"
	is "$HOST/a/app:1"
	fails tare pull "$HOST/a/app:2"
	like 'a/app/manifests/2: there is none \(404, MANIFEST_UNKNOWN'
	fails tare pull "$HOST/none:1"
	fails tare push none:1
	like "there is no image 'none:1'"
	fails tare push "${IMAGE_ID:7:12}"
	like 'is an ID: say under which name'
	is 'box more' "$(tare images --format json | jq -r .Repository | sort | xargs)"
}

@test "a blob is sent once, and mounted from another repository" {
	setup_images
	real_begins
	ok tare tag more:1 "$HOST/a/app:1"
	ok tare push -q "$HOST/a/app:1"
	is 3 "$(requests 'PUT /v2/a/app/blobs/uploads/')" # two layers and a configuration
	ok tare tag more:1 "$HOST/a/app:2"
	ok tare push -q "$HOST/a/app:2"
	is 3 "$(requests 'PUT /v2/a/app/blobs/uploads/')"
	ok tare push -q more:1 "$HOST/b/app:1"
	is 2 "$(requests 'POST /v2/b/app/blobs/uploads/.*mount=.*from=a')"
	is 1 "$(requests 'PUT /v2/b/app/blobs/uploads/')" # the configuration, which is small
	ok tare --root "$T/other" pull -q "$HOST/b/app:1"
}

@test "all tags" {
	setup_images
	real_begins
	ok tare tag box:1 "$HOST/a/app:one"
	ok tare tag more:1 "$HOST/a/app:two"
	ok tare tag more:1 "$HOST/a/other:three"
	ok tare push --all-tags "$HOST/a/app"
	shows '^one: digest: '
	shows "^two: digest: $MANIFEST "
	ok tare --root "$T/other" pull --all-tags "$HOST/a/app"
	is 'one two' "$(tare --root "$T/other" images --format json | jq -r .Tag | sort | xargs)"
	fails tare pull "$HOST/a/other:three"
	exits 125 tare push --all-tags "$HOST/a/app:one"
	like 'takes a name without a tag'
	exits 125 tare pull --all-tags "$HOST/a/app:one"
	fails tare push --all-tags "$HOST/a/none"
}

@test "of several platforms the one that is wanted" {
	local other=arm64

	require_registry
	[[ $ARCH == amd64 ]] || other=amd64
	box_image box:1
	take box:1
	mine=$MANIFEST
	image other:1 ".architecture = \"$other\"" box
	ok tare pull --platform "linux/$other" "oci:$LAYOUT:other:1"
	theirs=$MANIFEST
	real_begins
	ok tare push -q box:1 "$HOST/a/app:mine"
	ok tare push -q other:1 "$HOST/a/app:theirs"
	jq -cn --arg mine "$mine" --arg theirs "$theirs" --arg arch "$ARCH" --arg other "$other" \
		--argjson m "$(stat -c %s "$LAYOUT/blobs/sha256/${mine#*:}")" \
		--argjson t "$(stat -c %s "$LAYOUT/blobs/sha256/${theirs#*:}")" '
		"application/vnd.oci.image.manifest.v1+json" as $type |
		{schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests: [
		{mediaType: $type, digest: $theirs, size: $t, platform: {os: "linux", architecture: $other}},
		{mediaType: $type, digest: $mine, size: $m, platform: {os: "linux", architecture: $arch}}]}' >"$T/index"
	curl -sSf -X PUT -H 'Content-Type: application/vnd.oci.image.index.v1+json' \
		--data-binary "@$T/index" "http://$HOST/v2/a/app/manifests/1"
	index=sha256:$(sha256sum <"$T/index" | cut -d ' ' -f 1)
	STATE=$STATE/new
	ok tare pull "$HOST/a/app:1"
	shows "^Digest: $index$"
	is "$mine" "$(digest_of "$HOST/a/app:1")"
	ok tare pull --platform "linux/$other" "$HOST/a/app:1"
	is "$theirs" "$(digest_of "$HOST/a/app:1")"
	fails tare pull --platform linux/s390x "$HOST/a/app:1"
	like "linux/$other"
	ok tare system check
	lacks '^broken:'
}

@test "passwords: login, wrong ones, logout" {
	setup_images
	passwords_begin
	fails tare push box:1 "$HOST/a/app:1"
	like "it wants a login"
	like "hint: 'tare login $HOST'"
	fails tare login -u user -p wrong "$HOST"
	like "$HOST: .*it wants a login"
	[[ ! -e $REGISTRY_AUTH_FILE ]]
	try tare login -u user --password-stdin "$HOST" < <(echo pass)
	is 0 "$status"
	is 'Login Succeeded'
	ok tare login --get-login "$HOST"
	is user
	is 600 "$(stat -c %a "$REGISTRY_AUTH_FILE")"
	ok tare push -q box:1 "$HOST/a/app:1"
	ok tare pull -q "$HOST/a/app:1"
	ok tare logout "$HOST"
	is "Removed login credentials for $HOST"
	fails tare pull "$HOST/a/app:1"
	fails tare logout "$HOST"
	ok tare pull -q --creds user:pass "$HOST/a/app:1"
	fails tare pull -q --creds user:wrong "$HOST/a/app:1"
	exits 125 tare login -u user "$HOST" </dev/null
	like 'Password is missing, and there is no terminal'
	exits 125 tare login -p a --password-stdin "$HOST" </dev/null
}

@test "tokens: a scope for each repository" {
	setup_images
	tokens_begin
	fails tare push box:1 "$HOST/public/app:1"
	like 'it wants a login'
	fails tare login -u user -p wrong "$HOST"
	like 'incorrect username or password'
	ok tare login -u user -p pass "$HOST"
	ok tare tag more:1 "$HOST/public/app:1"
	ok tare push -q "$HOST/public/app:1"
	ok tare push -q more:1 "$HOST/private/app:1"
	is 2 "$(requests 'POST /v2/private/app/blobs/uploads/.*mount=')"
	is 1 "$(requests 'PUT /v2/private/app/blobs/uploads/')"
	ok tare logout "$HOST"
	ok tare pull -q "$HOST/public/app:1"
	fails tare pull -q "$HOST/private/app:1"
	like 'it wants a login'
}

@test "TLS: an authority that is known, one that is not, and nobody who looks" {
	setup_images
	make_certificate
	real_begins "$TLS"
	fails tare push box:1 "$HOST/a/app:1"
	like 'certificate'
	like 'hint: .*certs.d'
	ok tare push -q --cert-dir "$T/certs" box:1 "$HOST/a/app:1"
	ok tare pull -q --tls-verify=false "$HOST/a/app:1"
	fails tare pull -q "$HOST/a/app:1"
	trust
	ok tare pull -q "$HOST/a/app:1"
	rm -r "$T/.config"
	printf '[[registry]]\nlocation = "%s"\ninsecure = true\n' "$HOST" >"$CONTAINERS_REGISTRIES_CONF"
	ok tare pull -q "$HOST/a/app:1"
	fails tare pull -q --tls-verify=true "$HOST/a/app:1"
}

@test "mirrors, short names and registries that are closed" {
	setup_images
	real_begins
	ok tare push -q box:1 "$HOST/mirror/app:1"
	cat >"$CONTAINERS_REGISTRIES_CONF" <<-END
		unqualified-search-registries = ["images.example"]
		[[registry]]
		prefix = "images.example"
		location = "127.0.0.1:9"
		[[registry.mirror]]
		location = "127.0.0.1:9"
		insecure = true
		[[registry.mirror]]
		location = "$HOST/mirror"
		insecure = true
		[[registry]]
		prefix = "closed.example"
		location = "closed.example"
		blocked = true
		[aliases]
		"short" = "$HOST/mirror/app"
	END
	ok tare pull -q images.example/app:1
	is images.example/app:1
	ok tare pull -q app:1
	is images.example/app:1
	ok tare pull -q short:1
	is "$HOST/mirror/app:1"
	fails tare pull closed.example/app:1
	like "registries.conf blocks 'closed.example'"
}

@test "search: in what the registry lists" {
	setup_images
	real_begins
	ok tare push -q box:1 "$HOST/a/app:1"
	ok tare push -q box:1 "$HOST/b/app:1"
	ok tare search "$HOST/b/"
	shows '^NAME +DESCRIPTION +STARS +OFFICIAL$'
	shows "^$HOST/b/app"
	lacks "$HOST/a/app"
	fails tare search 127.0.0.1:9/app
	like '127.0.0.1:9'
}

@test "what others push and keep is used, and the other way round" {
	setup_images
	command -v skopeo >/dev/null || skip 'needs skopeo'
	passwords_begin
	ok skopeo login -u user -p pass "$HOST"
	ok skopeo copy --preserve-digests "oci:$LAYOUT:more:1" "docker://$HOST/a/app:1"
	ok tare pull -q "$HOST/a/app:1"
	is "$MANIFEST" "$(digest_of "$HOST/a/app:1")"
	ok tare push -q "$HOST/a/app:1" "$HOST/a/copy:1"
	ok skopeo inspect "docker://$HOST/a/copy:1"
	is "$MANIFEST" "$(jq -r .Digest <<<"$output")"
	ok tare logout "$HOST"
	fails skopeo inspect "docker://$HOST/a/copy:1"
}
