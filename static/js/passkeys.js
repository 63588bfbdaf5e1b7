// What allauth's scripts leave out: a button only where it works, and a sentence when it did not.
'use strict'

document.addEventListener('DOMContentLoaded', () => {
  if (!window.PublicKeyCredential) return
  for (const part of document.querySelectorAll('[data-passkey]')) part.hidden = false
  for (const part of document.querySelectorAll('[data-no-passkey]')) part.hidden = true
})

document.addEventListener('allauth.error', (event) => {
  event.preventDefault()
  const problem = document.querySelector('[data-passkey-problem]')
  if (!problem) return
  problem.hidden = false
  problem.focus()
})
