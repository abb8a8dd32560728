"""What schemathesis cannot learn from openapi/usage.yaml."""

import schemathesis

# The forms of official samples. No schema tells which days there are, or that the last is not before the first.
INTERVALS = [
    "2020-02-01/2020-02-28",
    "2020-02-29/2020-02-29",
    "2021-01/2021-02",
    "2020-02-01T00:00:00/2020-02-28T00:00:00",
]


@schemathesis.hook
def before_load_schema(context, raw_schema):
    components = raw_schema["components"]
    # These must be accepted, and any other text must be refused.
    components["schemas"]["ApiUsageQuery"]["properties"]["interval"]["enum"] = INTERVALS
    # What OAuth 2.0 comes to in a request. The check `ignored_auth`, which leaves the token out and sends a wrong one,
    # passes over schemes of the type `oauth2`.
    components["securitySchemes"]["PureCloudOAuth"] = {"type": "http", "scheme": "bearer"}
