"""The words of the made programs. They are data, as a coordinator would have typed them."""

from typing import Any

DEVELOPERS: dict[str, str] = {
    "name": "Open Door Developers",
    "purpose": (
        "Most of us got here because somebody took an hour for us at the right moment. Open Door "
        "makes that hour less a matter of luck.\n\n"
        "Twice a year we bring together people who build software and want to get better at it "
        "with people who have been doing it for a while. For sixteen weeks a pair meets every "
        "second week for three quarters of an hour, sets its own goals and keeps what was said "
        "between the two of them. It costs nothing, and nobody is sold anything."
    ),
    "for_mentors": (
        "You give about two hours a month: one meeting every second week and a little thought "
        "before it. You need not have all the answers; you need to have been stuck in a similar "
        "place once.\n\n"
        "You choose how many mentees you can take. We match you by what you know, the hours you "
        "are awake and the way you like to work, and we tell you why. When a pair does not work "
        "out, say so: that happens, it is nobody's fault, and we find another."
    ),
    "for_mentees": (
        "You get one person who is on your side for sixteen weeks, some years ahead of you and "
        "able to teach what you want to learn. You bring a question to every meeting and tell "
        "your mentor early when life gets in the way.\n\n"
        "It is not a job fair and not a course. What you talk about stays with the two of you; "
        "we ask only whether you met and whether it helped."
    ),
    "reply_to": "hello.opendoor@example.org",
}
CIVIL_SERVICE: dict[str, str] = {
    "name": "Next Grade",
    "purpose": (
        "Next Grade pairs civil servants across departments with somebody one or two grades above "
        "them, to look over the wall of one's own office and to prepare for the next step.\n\n"
        "It is a small program of fifty pairs at most. Nobody is matched inside their own "
        "department, so that one can speak freely."
    ),
    "for_mentors": (
        "One meeting of an hour every three weeks for half a year. You bring your experience of "
        "the grade your mentee is working towards, not your line manager's hat."
    ),
    "for_mentees": (
        "A mentor from another department, one or two grades above you, for half a year. Who "
        "wishes for a mentor who shares an identity can say so; it is read by the matching only."
    ),
    "reply_to": "nextgrade@example.org",
}

ASKED_OF_MENTORS = (
    "time_zone",
    "country",
    "years_experience",
    "job_title",
    "industry",
    "organisation_size",
    "people_manager",
    "work_mode",
    "styles",
    "channels",
    "skills_offered",
    "capacity",
    "caregiver",
)
ASKED_OF_MENTEES = (
    "time_zone",
    "country",
    "years_experience",
    "job_title",
    "industry",
    "organisation_size",
    "people_manager",
    "work_mode",
    "styles",
    "channels",
    "skills_have",
    "skills_wanted",
    "career_goal",
    "caregiver",
)
# The pages of both forms: the question that begins one, and its heading.
STEPS = {
    "time_zone": "Where you are",
    "job_title": "Your work",
    "styles": "How you learn or teach",
}
# The grade, with its ladder, comes with the mapping of the import.
ASKED_OF_CIVIL_MENTORS = ("organisation", "profession", "identities", "biography")
ASKED_OF_CIVIL_MENTEES = (
    "organisation",
    "profession",
    "identity_matters",
    "identity_wished",
    "biography",
)

PULSE_TITLE = "Four weeks in: how is it going?"
PULSE_INTRO = (
    "Four questions, two minutes. The coordinators read who said what, so that they can help "
    "where it is needed; your mentor or mentee does not."
)
PULSE: tuple[dict[str, Any], ...] = (
    {
        "key": "useful",
        "kind": "scale",
        "label": "How useful is the program to you so far?",
        "help": "1 is not at all, 5 is very.",
        "required": True,
        "fact": "",
    },
    {
        "key": "together",
        "kind": "one_of",
        "label": "How do the two of you get on?",
        "choices": ["Very well", "Well", "It is slow", "Not well"],
        "required": True,
        "fact": "",
    },
    {
        "key": "met_as_planned",
        "kind": "yes_no",
        "label": "Have you met as often as you had planned?",
        "fact": "",
    },
    {
        "key": "would_help",
        "kind": "long_text",
        "label": "What would help you now?",
        "fact": "",
    },
)
WOULD_HELP = (
    "A list of good questions for the first ten minutes.",
    "Nothing at the moment, it runs by itself.",
    "An example of what a goal for sixteen weeks can look like.",
    "It would help to move a meeting without writing three mails.",
    "I would like to hear how other pairs spend their time.",
    "We both forget to write down what we agreed on.",
    "More evenings to choose from; my days are full until six.",
    "A short talk on giving feedback on code without hurting anybody.",
    "My mentor is great, I should prepare more.",
    "We talk about work and never about the next step. A nudge in that direction.",
)
NOTES = (
    "Went through the pull request line by line. Next time: tests first.",
    "Talked about how to say no to a sprint that is too full.",
    "Read the first chapter together; homework is the exercise at the end.",
    "Set three goals. The first one is a small service in production by the midpoint.",
    "Looked at my CV and threw half of it away.",
    "Paired for forty minutes on the query that was slow. It was the missing index.",
    "Sketched the design on a shared board. It is simpler than I thought.",
    "Practised the interview question about a conflict. Again in two weeks.",
    "Agreed to try one hour of reading other people's code each week.",
    "Short one today, both tired. Still good to talk.",
    "Wrote down what a senior does all day in my team. Surprising list.",
    "Decided to give the talk at the meetup. Outline until next time.",
)
STORY_NOTES = (
    "First meeting. We told each other how we got here and found out that we both learned by "
    "breaking things. Goal until the midpoint: one small change that real people use.",
    "Looked at the first draft together. Cut it to a third, then it was good. Next time bring "
    "the deployment question.",
    "It is live. Talked about what to measure, and about asking for the next step at work.",
)

# What the developers' program wants to reach.
GOALS: tuple[dict[str, Any], ...] = (
    {
        "statement": "Nine of ten mentees have a mentor",
        "metric": "match_rate",
        "unit": "%",
        "baseline": 70,
        "target": 90,
    },
    {
        "statement": "Nine of ten planned meetings take place",
        "metric": "completion",
        "unit": "%",
        "baseline": 60,
        "target": 90,
    },
    {
        "statement": "Half of the mentees say they reached their goal",
        "unit": "%",
        "baseline": 0,
        "target": 50,
    },
)

# What reviewers of the next round noted.
REVIEWS = (
    "Has mentored before and says what went well and what did not. Two hours a month are planned.",
    "Clear about the skills, a little vague about time. Worth a question in an interview.",
    "Knows what they want to give, and why now.",
    "Short answers, but the experience is there.",
    "Would fit somebody who changes careers.",
)

# What is said, and noted, when a match does not come about or ends.
SAYS_NO = "We worked in the same team until last year; somebody from further away would help more."
MOVED_ON = "The mentor moved to another department at short notice and asked to be released."
NEW_POST = "The mentor takes up a post abroad. The mentee would like to go on soon."

# Why the coordinator changes a draft by hand.
SETTLED = "They met at the meetup in May and both asked for each other."
RULED_OUT = "They work in the same team at the moment."
BY_HAND = "She asked for somebody who has built what she wants to build, before the matching runs."
ON_DRAFT = (
    "Most of these look right to me. One pair has eight hours between them; they should know "
    "before they say yes."
)
