/** What the decision plug-in takes and gives. */
import { ParameterType } from "jspsych";

export const info = {
  name: "binome-decision",
  version: "2.0.0",
  parameters: {
    /** Which page of a trial this is; see `DecisionStep` in the contract. */
    stage: { type: ParameterType.STRING, default: undefined },
    /** The trial's number from 1, and how many there are. */
    trial: { type: ParameterType.INT, default: undefined },
    trials: { type: ParameterType.INT, default: undefined },
    practice: { type: ParameterType.BOOL, default: false },
    question: { type: ParameterType.STRING, default: undefined },
    /** Set for attention checks, which show no item. */
    instruction: { type: ParameterType.STRING, default: null },
    picture: { type: ParameterType.COMPLEX, default: null },
    /** The lines of a case file, where the item is one. */
    case: { type: ParameterType.COMPLEX, array: true, default: [] },
    /** What only the operator is told. */
    note: { type: ParameterType.STRING, default: null },
    /** Where a number is asked for instead of an option. */
    scale: { type: ParameterType.COMPLEX, default: null },
    options: { type: ParameterType.COMPLEX, array: true, default: undefined },
    ask_confidence: { type: ParameterType.BOOL, default: false },
    may_delegate: { type: ParameterType.BOOL, default: false },
    /** How many items may be handed over at once, and what each costs. */
    delegate_most: { type: ParameterType.INT, default: 1 },
    price: { type: ParameterType.FLOAT, default: null },
    veto_price: { type: ParameterType.FLOAT, default: null },
    may_request: { type: ParameterType.BOOL, default: false },
    /** How long the item stands alone, how long a veto is possible, and the most time for an answer. */
    wait_seconds: { type: ParameterType.FLOAT, default: null },
    veto_seconds: { type: ParameterType.FLOAT, default: null },
    most_seconds: { type: ParameterType.FLOAT, default: null },
    /** Whether an answer other than `initial` needs a reason. */
    ask_reason: { type: ParameterType.BOOL, default: false },
    score: { type: ParameterType.COMPLEX, default: null },
    /** The first answer: an option's id, or a number. */
    initial: { type: ParameterType.COMPLEX, default: null },
    initial_confidence: { type: ParameterType.FLOAT, default: null },
    advice: { type: ParameterType.COMPLEX, default: null },
    explanation: { type: ParameterType.COMPLEX, default: null },
    tools: { type: ParameterType.FUNCTION, default: undefined },
  },
  data: {
    /** The chosen option's id, or the number; null when there is none of the operator's own. */
    decision: { type: ParameterType.COMPLEX },
    delegated: { type: ParameterType.BOOL },
    /** Items handed over at once, this one included. */
    count: { type: ParameterType.INT },
    requested: { type: ParameterType.BOOL },
    vetoed: { type: ParameterType.BOOL },
    timed_out: { type: ParameterType.BOOL },
    /** Why the answer was changed; null when not asked. */
    reason: { type: ParameterType.STRING },
    /** In [0, 1]; null when not asked. */
    confidence: { type: ParameterType.FLOAT },
    /** From the frame in which the item appeared to the confirmation, in seconds. */
    seconds: { type: ParameterType.FLOAT },
    /** Null when there is no explanation. */
    explanation_opened: { type: ParameterType.BOOL },
    explanation_seconds: { type: ParameterType.FLOAT },
    /** Of a map over the picture; null for all else. */
    opacity: { type: ParameterType.FLOAT },
    /** How often the choice was changed before it was confirmed. */
    changes: { type: ParameterType.INT },
    /** When the item appeared: milliseconds, on the scale of `performance.now`. */
    onset: { type: ParameterType.FLOAT },
    /** Seconds with the pointer over each part of the page; no fingers. */
    hover: { type: ParameterType.OBJECT },
  },
} as const;
