"""The logical data model: `document` reads YAML strictly, `model` is its shape, `places` says where a shape is stored."""
