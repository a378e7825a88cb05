# Every target calls ./dev/odoo, whose --help explains all commands and options.
.PHONY: demo run test core-tests faults races effects walk browser einvoices mutation lint bench shell setup clean

demo: ## the demo firm, one billing cycle, then a server (SERVE=0: no server)
	./dev/odoo demo

run: ## serve the demo's database
	./dev/odoo run

test: ## all tests
	./dev/odoo test

core-tests: ## Odoo's own suites, with the addon and without (45 minutes; goes on where it stopped)
	./dev/odoo core-tests

faults: ## break things while a server bills: N=20 rounds, SIZE=1000 matters
	./dev/odoo faults --report

races: ## two people at the same thing: N=20 rounds of each
	./dev/odoo races --report

effects: ## write every field as every person and see what it does: SEED=1
	./dev/odoo effects

walk: ## people do this and that, the books are looked at: SEED=1-20 STEPS=1000
	./dev/odoo walk

browser: ## how long pages take in Chromium, beside Odoo's own: N=10 rounds, SIZE=10000 rows
	./dev/odoo browser --report

einvoices: ## e-invoices of all makes of bills before their judges; Peppol and letters
	./dev/odoo einvoices

mutation: ## change the engine in small ways and see whether its tests notice (goes on where it stopped)
	./dev/odoo mutation

lint:
	./dev/odoo lint

bench:
	./dev/odoo bench

shell:
	./dev/odoo shell

setup: ## fetch everything, make the template database
	./dev/odoo setup

clean: ## stop this clone's server, delete its databases and outputs
	./dev/odoo clean
