# Targets that build and deploy a version, in the order in which the pipelines call them. They also
# work by hand:
#   make image PUSH=yes IMAGE=registry.example.com/recruit-live
#   make staging IMAGE=… && make smoke SITE=https://staging.example.com
#   make promote IMAGE=… && make smoke SITE=https://recruit.example.com || make rollback
# The clusters are the kubectl contexts `staging` and `production`; deploy/kubernetes/overlays has
# their differences.

DOCKER ?= docker
KUBECTL ?= kubectl
IMAGE ?= recruit-live
VERSION ?= $(shell git describe --tags --always --dirty)
NAMESPACE := recruit-live
SELECTOR := app.kubernetes.io/part-of=recruit-live
MIGRATION_TIMEOUT := 600s
ROLLOUT_TIMEOUT := 900s

.PHONY: image sbom staging smoke promote rollback

image:
	$(DOCKER) build --file deploy/Dockerfile --build-arg VERSION=$(VERSION) \
		--tag $(IMAGE):$(VERSION) $(if $(filter yes,$(PUSH)),--push) .

sbom: .venv/development.stamp
	@mkdir -p build
	$(BIN)/cyclonedx-py requirements requirements/runtime.txt --pyproject pyproject.toml \
		--output-reproducible --of JSON --output-file build/sbom.json

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
