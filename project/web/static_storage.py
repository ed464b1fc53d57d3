"""Storage that adds a content hash to static file names, so that browsers can cache them."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedModuleStorage(CompressedManifestStaticFilesStorage):
    """Also rewrites the imports of JavaScript modules. An import must end with a semicolon."""

    support_js_module_import_aggregation = True
    max_post_process_passes = 20  # one per level of imports; Django's default is 5
