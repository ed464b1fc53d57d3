"""What all pages and the API share: headers, navigation, pagination, errors, API schema."""
