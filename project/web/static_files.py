"""Static files under names that change with their contents, so that browsers may keep them."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedModuleStorage(CompressedManifestStaticFilesStorage):
    """Also rewrites the imports of JavaScript modules, which must end with a semicolon."""

    support_js_module_import_aggregation = True
    max_post_process_passes = 20  # one for each layer of imports; five are Django's default
