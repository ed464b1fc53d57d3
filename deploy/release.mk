# From a commit to a site: what the pipelines call, in this order, and what people may.
#   make image PUSH=yes IMAGE=registry.example.com/recruit-live
#   make staging IMAGE=… && make smoke SITE=https://staging.example.com
#   make promote IMAGE=… && make smoke SITE=https://recruit.example.com || make rollback
# Clusters are the contexts `staging` and `production` of kubectl; what differs between them
# stands in deploy/kubernetes/overlays.

DOCKER ?= docker
KUBECTL ?= kubectl
IMAGE ?= recruit-live
VERSION ?= $(shell git describe --tags --always --dirty)
NAMESPACE := recruit-live
OURS := app.kubernetes.io/part-of=recruit-live
MIGRATED_WITHIN := 600s
ROLLED_OUT_WITHIN := 900s

.PHONY: image sbom staging smoke promote rollback

image:
	$(DOCKER) build --file deploy/Dockerfile --build-arg VERSION=$(VERSION) \
		--tag $(IMAGE):$(VERSION) $(if $(filter yes,$(PUSH)),--push) .

sbom: .venv/development.stamp
	@mkdir -p build
	$(BIN)/cyclonedx-py requirements requirements/runtime.txt --pyproject pyproject.toml \
		--output-reproducible --of JSON --output-file build/sbom.json

# The migration is a job that cannot be changed, only made anew. New pods are not ready before it
# is done, so old ones serve until then.
define put_out
	@mkdir -p build/$(1)
	@printf '%s\n' "resources: [../../deploy/kubernetes/overlays/$(1)]" \
		"images: [{name: recruit-live, newName: $(IMAGE), newTag: $(VERSION)}]" \
		> build/$(1)/kustomization.yaml
	$(KUBECTL) --context $(1) --namespace $(NAMESPACE) delete job --selector $(OURS) --ignore-not-found
	$(KUBECTL) --context $(1) --namespace $(NAMESPACE) apply --kustomize build/$(1)
	$(KUBECTL) --context $(1) --namespace $(NAMESPACE) wait job --selector $(OURS) --for=condition=complete --timeout=$(MIGRATED_WITHIN)
	$(KUBECTL) --context $(1) --namespace $(NAMESPACE) rollout status deployment --selector $(OURS) --timeout=$(ROLLED_OUT_WITHIN)
endef

staging:
	$(call put_out,staging)

smoke: .venv/development.stamp
	@test -n "$(SITE)" || { echo "Which site? make smoke SITE=https://…" >&2; exit 2; }
	@$(BIN)/python -m deploy.smoke $(SITE)

promote:
	$(call put_out,production)

# Migrations never take away what the version before reads, so code alone goes back.
rollback:
	$(KUBECTL) --context production --namespace $(NAMESPACE) rollout undo deployment --selector $(OURS)
	$(KUBECTL) --context production --namespace $(NAMESPACE) rollout status deployment --selector $(OURS) --timeout=$(ROLLED_OUT_WITHIN)
