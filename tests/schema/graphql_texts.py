"""A GraphQL document for each mutation, which asks for all that a front end needs."""

SUCCESSES = {
    "openAccount": """
        account { id kind name freelancer { id contactDetails { email } } }
        wallet { id available held }
    """,
    "buyConnects": """
        purchase {
            id status quantity connects total { formatted } connectsPackage { id } lot { id }
        }
        wallet { available }
        entry { id sequence kind connects availableAfter }
    """,
    "postJob": """
        job { id title skills status budget { formatted } expiresAt }
        wallet { available }
        entry { id sequence kind connects availableAfter action }
    """,
    "submitProposal": """
        proposal { id status coverLetter bid { formatted } }
        wallet { available }
        entry { id sequence kind connects availableAfter action }
    """,
    "inviteFreelancer": """
        invitation { id status connects expiresAt }
        wallet { available }
        entry { id sequence kind connects availableAfter action }
    """,
    "contactFreelancer": """
        contact { id message }
        freelancer { contactDetails { email phone } }
        alreadyUnlocked
        wallet { available }
        entry { id sequence kind connects availableAfter action }
    """,
    "cancelJob": "job { id status }",
    "awardJob": "job { id status } proposal { id status }",
    "withdrawProposal": "proposal { id status }",
    "boostProposal": """
        proposal { id boost { connects status rank } }
        wallet { available held }
        entry { id sequence kind connects availableAfter action subject { __typename } }
    """,
    "withdrawBoost": """
        proposal { id boost { connects status rank } }
        wallet { available held }
        entry { kind connects }
        lapsed
    """,
    "respondToInvitation": "invitation { id status declineReason }",
}
PRICES = """
    ... on PriceChanged { expected actual }
    ... on InsufficientConnects {
        required available shortfall
        packages { connects price { formatted } }
        nextGrant { connects at }
    }
"""
FREE = ("cancelJob", "awardJob", "withdrawProposal", "withdrawBoost", "respondToInvitation")
UNPRICED = ("openAccount", "buyConnects", *FREE)


def document(name: str) -> str:
    """The mutation with its input as the variable `input`, and every answer to it."""
    type_name = name[0].upper() + name[1:]
    return f"""
        mutation ($input: {type_name}Input!) {{
            {name}(input: $input) {{
                __typename
                ... on {type_name}Success {{ {SUCCESSES[name]} replayed }}
                ... on UserError {{ code message retryable }}
                ... on InvalidInput {{ fields {{ path message }} }}
                {"" if name in FREE else "... on LimitExceeded { limit used resetsAt }"}
                {"" if name in UNPRICED else PRICES}
            }}
        }}
    """


MUTATIONS = {name: document(name) for name in SUCCESSES}

ENTRIES = """
    subscription($id: ID!, $after: Int) {
        walletEntryAdded(accountId: $id, after: $after) { sequence connects }
    }
"""
