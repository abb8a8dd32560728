"""What schemathesis cannot learn from openapi/usage.yaml."""

import os
from datetime import date, timedelta

import schemathesis

# The forms of official samples. No schema tells which days there are, or that the last is not before the first.
INTERVALS = [
    "2020-02-01/2020-02-28",
    "2020-02-29/2020-02-29",
    "2021-01/2021-02",
    "2020-02-01T00:00:00/2020-02-28T00:00:00",
]


def day(days_ago):
    return date.today() - timedelta(days=days_ago)


# A job begins at most a year ago, and ends at most 90 days later.
JOB_INTERVALS = [
    f"{day(300)}T00:00:00/{day(240)}T23:59:59",
    f"{day(8)}/{day(1)}",
    f"{day(1)}/{day(1)}",
]
REQUESTS = {
    "ApiUsageQuery": INTERVALS,
    "ApiUsageClientQuery": INTERVALS,
    "ApiUsageSimpleSearch": INTERVALS,
    "OrganizationPublicApiUsageQueryRequest": JOB_INTERVALS,
    "ClientPublicApiUsageQueryRequest": JOB_INTERVALS,
}

# The first is in .ci/schemathesis too.
CLIENTS = ["242c00c7-750e-4fdb-9127-561e553496b7", "48f165d5-7b00-47f4-b81e-f86f5c8cc1ab"]
SORT_FIELDS = ["date", "platform", "httpMethod", "templateUri", "requestCount", "status429"]


@schemathesis.hook
def before_load_schema(context, raw_schema):
    components = raw_schema["components"]
    # These must be accepted, and any other text must be refused.
    for name, intervals in REQUESTS.items():
        interval = components["schemas"][name]["properties"]["interval"]
        interval["enum"] = intervals
        interval["example"] = intervals[0]
        components["schemas"][name]["example"]["interval"] = intervals[0]
    # The examples are requests too, and those of jobs would be too old one day.
    for path in raw_schema["paths"].values():
        for operation in path.values():
            for media in operation.get("requestBody", {}).get("content", {}).values():
                name = media["schema"]["$ref"].rsplit("/", 1)[1]
                for example in media["examples"].values():
                    example["value"]["interval"] = REQUESTS[name][0]
    # What OAuth 2.0 comes to in a request. The check `ignored_auth`, which leaves the token out and sends a wrong one,
    # passes over schemes of the type `oauth2`.
    components["securitySchemes"]["PureCloudOAuth"] = {"type": "http", "scheme": "bearer"}
    # OAuth clients of the simulator: one of the organization, and one of the platform. No other is found.
    components["schemas"]["ClientId"]["enum"] = CLIENTS
    # No schema says what rows can be sorted by: the service does not say it either.
    components["schemas"]["UsageQuerySortBy"]["properties"]["fieldName"]["enum"] = SORT_FIELDS
    for path in raw_schema["paths"].values():
        for operation in path.values():
            # Only a page gives the cursor of the next one, so any other must be refused.
            parameters = [it for it in operation.get("parameters", []) if it["name"] != "after"]
            operation["parameters"] = parameters
            for parameter in parameters:
                if parameter["name"] == "clientId":
                    parameter["example"] = CLIENTS[0]
    # No other path shows whose execution this is, so .ci/schemathesis submits one.
    results = raw_schema["paths"]["/api/v2/oauth/clients/{clientId}/usage/query/results/{executionId}"]["get"]
    for parameter in results["parameters"]:
        if parameter["name"] == "executionId":
            parameter["example"] = os.environ["EXECUTION_OF_CLIENT"]
