# Targets that build and deploy a version, in the order in which the pipelines call them. They also
# work by hand:
#   make audit
#   make image PUSH=yes IMAGE=registry.example.com/recruit-live && make sbom && make scan sign IMAGE=…
#   make verify staging IMAGE=… && make smoke SITE=https://staging.example.com
#   make verify promote IMAGE=… && make smoke SITE=https://recruit.example.com && make record || make undo
# The clusters are the kubectl contexts `staging` and `production`; deploy/kubernetes/overlays has
# their differences.

DOCKER ?= docker
KUBECTL ?= kubectl
TRIVY ?= trivy
COSIGN ?= cosign
# Options of pip-audit, such as another database: AUDIT="--vulnerability-service osv"
AUDIT ?=
# How images are signed and verified. Empty: without a key, by the identity of the pipeline.
COSIGN_SIGN ?=
COSIGN_VERIFY ?=
IMAGE ?= recruit-live
VERSION ?= $(shell git describe --tags --always --dirty)
PLATFORMS ?= linux/amd64,linux/arm64
PUBLISH = --platform $(PLATFORMS) --provenance=mode=max --sbom=true --push
comma := ,
RELEASE := KUBECTL=$(KUBECTL) $(PYTHON) -m deploy.release

.PHONY: audit image sbom scan sign verify staging smoke promote record undo rollback

# Fails on a known vulnerability, and on a package about which the database says nothing.
audit: .venv/development.stamp
	$(BIN)/pip-audit --strict --require-hashes --disable-pip --progress-spinner off $(AUDIT) \
		--requirement requirements/image.txt \
		--requirement requirements/runtime.txt --requirement requirements/development.txt

# PUSH=yes builds for all platforms, and attaches to each image how it was built (SLSA provenance) and
# what is in it (SBOM). A registry can keep that, this machine's images cannot.
image:
	$(DOCKER) buildx build --file deploy/Dockerfile --build-arg VERSION=$(VERSION) \
		--tag $(IMAGE):$(VERSION) $(if $(filter yes,$(PUSH)),$(PUBLISH),--load) .

sbom: .venv/development.stamp
	@mkdir -p build
	$(BIN)/cyclonedx-py requirements requirements/image.txt --pyproject pyproject.toml \
		--output-reproducible --of JSON --output-file build/sbom.json

# Vulnerabilities without a corrected package are reported by the scan of a later version.
scan: $(addprefix scan-,$(subst /,-,$(subst $(comma), ,$(PLATFORMS))))

scan-%:
	$(TRIVY) image --exit-code 1 --severity HIGH,CRITICAL --ignore-unfixed --scanners vuln,secret \
		--platform $(subst -,/,$*) $(IMAGE):$(VERSION)

# Signs the digest, because a tag can be moved to another image, and attaches the SBOM.
sign:
	@digest=$$($(DOCKER) buildx imagetools inspect $(IMAGE):$(VERSION) --format '{{.Manifest.Digest}}') && \
	test -n "$$digest" || { echo "$(IMAGE):$(VERSION) is not in the registry" >&2; exit 1; }; \
	$(COSIGN) sign --yes $(COSIGN_SIGN) $(IMAGE)@$$digest && \
	$(COSIGN) attest --yes $(COSIGN_SIGN) --type cyclonedx --predicate build/sbom.json $(IMAGE)@$$digest

# Nothing is deployed whose signature does not fit. Keeps the digest that was signed, by which the
# image is deployed: a tag could be moved in between.
verify:
	@mkdir -p build && rm -f build/digest
	$(COSIGN) verify $(COSIGN_VERIFY) --output json $(IMAGE):$(VERSION) > build/signatures.json
	@grep -o 'sha256:[0-9a-f]\{64\}' build/signatures.json | sort -u > build/digest
	@test $$(wc -l < build/digest) = 1 || { echo "The signatures name no digest, or several" >&2; exit 1; }

# A version is deployed by its digest, and counts as the release to return to once it is recorded.
define deploy
	@test -s build/digest || { echo "Run first: make verify" >&2; exit 1; }
	$(RELEASE) deploy $(1) $(IMAGE)@$$(cat build/digest) $(VERSION)
endef

staging:
	$(call deploy,staging)

smoke: .venv/development.stamp
	@test -n "$(SITE)" || { echo "Name the site: make smoke SITE=https://…" >&2; exit 2; }
	@$(BIN)/python -m deploy.smoke $(SITE)

promote:
	$(call deploy,production)

record:
	$(RELEASE) record production

# After a deployment that failed: to the recorded release. Changes nothing if nothing was deployed.
undo:
	$(RELEASE) undo production

# To what served before: before a failed deployment, or before the recorded release. Twice is once.
rollback:
	$(RELEASE) rollback production
