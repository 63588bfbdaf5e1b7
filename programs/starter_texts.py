"""Texts to start from. A coordinator reads them, changes what does not fit, and keeps the result.

They are no legal advice; the page on which they are offered says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from programs.models import RequiredText


@dataclass(frozen=True, slots=True)
class Starter:
    """A kind of text with a title and words to begin with, in Markdown."""

    kind: str
    title: str | Promise
    body: str | Promise


_CONDUCT = _("""\
Mentoring works when both sides can rely on each other. This is what we ask of everybody who takes part, mentor or mentee.

## What we expect

- **Come, and be on time.** If you cannot, say so as early as you can and propose another time.
- **Prepare.** The mentee brings what they want to talk about. The mentor makes time without other things on the side.
- **Listen first.** A mentor shares experience and asks questions. The mentee decides what to do with it.
- **Be honest, and kind.** Say what you think in a way that helps the other person on.
- **Answer.** When the program or your match asks you something, answer within a few days, even if the answer is “I need more time”.

## Boundaries

- Mentoring is not therapy, not legal or financial advice, and not a promise of a job. If somebody needs help of that kind, say so openly and point to people who can give it.
- Agree together how and when you write to each other. Nobody has to be reachable at all hours.
- Do not lend each other money, do not sell each other anything, and do not ask for work without pay.
- A mentor does not decide about the pay, the marks or the career of the mentee. If that changes, tell the coordinators.
- No romantic or sexual advances. The two sides do not have the same power, so a “yes” is not always free.
- Meet where both of you feel at ease: in public, at work, or online.

## Everybody belongs here

We treat each other with respect. Nobody is put down, left out or harassed because of gender, gender identity or expression, sexual orientation, origin, skin colour, religion or belief, disability, illness, age, looks, family, income, or how much they already know.

Harassment includes hurtful remarks and jokes, unwanted attention or touch, following somebody online or elsewhere, passing on what is private, and threats. That something was “not meant like that” does not make it right.

## When something is wrong

- If you can, tell the other person. Often they did not notice.
- If you would rather not, or if it does not stop, **tell a coordinator of the program**. You need no proof, and you need not be the person it happened to.
- The coordinators listen, ask what you would like to happen, and speak with nobody else about it without your word, unless somebody is in danger or the law asks for it.
- Nobody gets into trouble for raising a concern in good faith. Whoever makes life hard for somebody who did breaks this code.

If the match simply does not work, that is nobody's fault. Tell us, and we look for another one.

## What follows

Whoever breaks this code hears from the coordinators. Depending on what happened, we ask for a change, end the match, or end somebody's part in the program. In serious cases that happens at once.
""")

_CONFIDENTIALITY = _("""\
People learn most when they can speak openly. So what is said between mentor and mentee stays between mentor and mentee.

## What that means

- What the other person tells you about themself, their work, their health, their family or their plans is **theirs to tell**. Do not pass it on, not even to people you trust, and not without a name if it could be guessed who it is.
- That somebody has a mentor, or is one, is theirs to tell as well. Ask before you mention it in public.
- Write down as little as you need. Keep notes where nobody else reads them, and delete them when the match ends.
- Record a conversation only if both of you said yes before. Do not let an automatic note taker listen in without that yes.
- Do not put what the other person told you into tools that may keep it or learn from it.
- What you may not tell at work, do not tell here either: secrets of an employer or a client have no place in mentoring. If one slips out, the other person keeps it.

This holds after the match has ended, too.

## What you may always do

- Talk about **yourself**: what you learned, and how mentoring is for you.
- Ask the coordinators for advice. Name the other person only as far as it is needed.
- Say in a survey or a check-in how it goes. Who reads the answer stands above the question.

## Where confidentiality ends

There are a few cases in which silence would do harm. Then tell a coordinator, or whoever can help at once:

- somebody's life or health is in danger, their own or another person's;
- a child, or an adult who depends on others, is being harmed;
- somebody is harassed, threatened or put under pressure, or breaks the code of conduct badly;
- the law obliges you to speak.

If it is safe, tell the other person first that you are going to do so, and why. Tell only what is needed, and only to whom it is needed. In an emergency, call the emergency services first.

## What the coordinators see

The coordinators see your application, your profile, whom you are matched with and whether your check-ins take place. They do not see what you write to each other, nor the notes that you mark as private.

## When something got out

It happens. Tell the other person soon, say what got out and to whom, and ask what they need. If it is serious, tell a coordinator as well.
""")

_DATA = _("""\
To run this program we keep data about you. This page says which, what for, and what you can do about it.

## What we keep, and what for

- **Your account and profile**: to know who you are and to show you to your match. For each field you choose who sees it.
- **Your application**: to decide about it, and to find the people who fit you.
- **Your match, check-ins, goals and answers to surveys**: so that the program works, and so that we can see whether it helps.
- **Which mail we sent you, and who changed what**: so that we can find mistakes.

What you tell about yourself of your own accord, such as your gender, is used only to check that matching treats everybody alike. It is never used to match you.

## Who sees it

Your match sees what your profile shows to matches. Reviewers see the applications they are asked to read. Coordinators see what they need to run the program. Sponsors see figures without names. We sell nothing, and we give nothing to others unless the law obliges us to.

## How long

Under “My data” you see everything that is held about you and when each part will be erased.

## What you can do

- Correct what is wrong in your profile at any time.
- Take a copy of everything with you.
- Erase your account. Before you do, the page says what has to be kept, and why.
- Ask the coordinators, or complain to the data protection authority where you live.

*Before you use this text: add the name and address of whoever is responsible for the program, how to reach their data protection officer if there is one, and the legal ground on which the data is kept.*
""")

STARTERS: Mapping[str, Starter] = {
    starter.kind: starter
    for starter in (
        Starter(RequiredText.Kind.CONDUCT, _("Code of conduct"), _CONDUCT),
        Starter(RequiredText.Kind.CONFIDENTIALITY, _("Confidentiality"), _CONFIDENTIALITY),
        Starter(RequiredText.Kind.DATA, _("Data protection"), _DATA),
    )
}
