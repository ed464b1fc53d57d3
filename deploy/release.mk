# Targets that build and deploy a version, in the order in which the pipelines call them. They also
# work by hand:
#   make audit
#   make image PUSH=yes IMAGE=registry.example.com/recruit-live && make sbom && make scan sign IMAGE=…
#   make verify staging IMAGE=… && make smoke SITE=https://staging.example.com
#   make verify promote IMAGE=… && make smoke SITE=https://recruit.example.com || make rollback
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
NAMESPACE := recruit-live
SELECTOR := app.kubernetes.io/part-of=recruit-live
MIGRATION_TIMEOUT := 600s
ROLLOUT_TIMEOUT := 900s

.PHONY: audit image sbom scan sign verify staging smoke promote rollback

# Fails on a known vulnerability, and on a package about which the database says nothing.
audit: .venv/development.stamp
	$(BIN)/pip-audit --strict --require-hashes --disable-pip --progress-spinner off $(AUDIT) \
		--requirement requirements/image.txt \
		--requirement requirements/runtime.txt --requirement requirements/development.txt

image:
	$(DOCKER) build --file deploy/Dockerfile --build-arg VERSION=$(VERSION) \
		--tag $(IMAGE):$(VERSION) $(if $(filter yes,$(PUSH)),--push) .

sbom: .venv/development.stamp
	@mkdir -p build
	$(BIN)/cyclonedx-py requirements requirements/image.txt --pyproject pyproject.toml \
		--output-reproducible --of JSON --output-file build/sbom.json

# Vulnerabilities without a corrected package are reported by the scan of a later version.
scan:
	$(TRIVY) image --exit-code 1 --severity HIGH,CRITICAL --ignore-unfixed --scanners vuln,secret \
		$(IMAGE):$(VERSION)

# Signs the digest, because a tag can be moved to another image, and attaches the SBOM.
sign:
	@digest=$$($(DOCKER) buildx imagetools inspect $(IMAGE):$(VERSION) --format '{{.Manifest.Digest}}') && \
	test -n "$$digest" || { echo "$(IMAGE):$(VERSION) is not in the registry" >&2; exit 1; }; \
	$(COSIGN) sign --yes $(COSIGN_SIGN) $(IMAGE)@$$digest && \
	$(COSIGN) attest --yes $(COSIGN_SIGN) --type cyclonedx --predicate build/sbom.json $(IMAGE)@$$digest

# Nothing is deployed whose signature does not fit.
verify:
	$(COSIGN) verify $(COSIGN_VERIFY) $(IMAGE):$(VERSION)

# A job cannot be changed, so the migration is deleted and created again. New pods are not ready
# before it is done; the old ones serve until then.
define deploy
	@mkdir -p build/$(1)
	@printf '%s\n' "resources: [../../deploy/kubernetes/overlays/$(1)]" \
		"images: [{name: recruit-live, newName: $(IMAGE), newTag: $(VERSION)}]" \
		> build/$(1)/kustomization.yaml
	$(KUBECTL) --context $(1) --namespace $(NAMESPACE) delete job --selector $(SELECTOR) --ignore-not-found
	$(KUBECTL) --context $(1) --namespace $(NAMESPACE) apply --kustomize build/$(1)
	$(KUBECTL) --context $(1) --namespace $(NAMESPACE) wait job --selector $(SELECTOR) --for=condition=complete --timeout=$(MIGRATION_TIMEOUT)
	$(KUBECTL) --context $(1) --namespace $(NAMESPACE) rollout status deployment --selector $(SELECTOR) --timeout=$(ROLLOUT_TIMEOUT)
endef

staging:
	$(call deploy,staging)

smoke: .venv/development.stamp
	@test -n "$(SITE)" || { echo "Name the site: make smoke SITE=https://…" >&2; exit 2; }
	@$(BIN)/python -m deploy.smoke $(SITE)

promote:
	$(call deploy,production)

# Migrations remove nothing that the previous version reads, so only the code is rolled back.
rollback:
	$(KUBECTL) --context production --namespace $(NAMESPACE) rollout undo deployment --selector $(SELECTOR)
	$(KUBECTL) --context production --namespace $(NAMESPACE) rollout status deployment --selector $(SELECTOR) --timeout=$(ROLLOUT_TIMEOUT)
