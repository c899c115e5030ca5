// Made by `npm run types` from src/binome/experiment/api.py; do not edit.

export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * Advice
         * @description The predictor's decision, and its words; `confidence` is a probability, or None where the condition hides it.
         */
        Advice: {
            /** Confidence */
            confidence: number | null;
            /** Decision */
            decision: string | number;
            /** Label */
            label: string;
        };
        /**
         * Alternative
         * @description What would be advised with these lines changed, and `hidden` ones more that only the model saw; `confidence` is
         *     None where the condition hides how sure the model is.
         */
        Alternative: {
            /** Changes */
            changes: components["schemas"]["Change"][];
            /**
             * Confidence
             * @default null
             */
            confidence: number | null;
            /**
             * Hidden
             * @default 0
             */
            hidden: number;
            /** Label */
            label: string;
        };
        /**
         * Bars
         * @description What each line of the case file contributed: signed, the longest of the item being 1 or -1.
         *
         *     `values` go with the step's `case`, line by line, None for a line that the predictor did not see; `rest` is the
         *     sum over what the predictor saw and the operator does not, None where there is nothing of the kind.
         */
        Bars: {
            /** High */
            high: string;
            /** Low */
            low: string;
            /**
             * Rest
             * @default null
             */
            rest: number | null;
            /** Values */
            values: (number | null)[];
        };
        /**
         * Block
         * @description A piece of prose, rendered as text nodes (never as HTML); `picture` is of the study's texts, open to anyone.
         */
        Block: {
            /** Items */
            items?: string[];
            /**
             * Kind
             * @enum {string}
             */
            kind: "heading" | "paragraph" | "list" | "picture";
            /** @default null */
            picture: components["schemas"]["Picture"] | null;
            /**
             * Text
             * @default
             */
            text: string;
        };
        /**
         * BlockStep
         * @description Announces a block: what help there will be. Completed with {}.
         *
         *     `overview` is the page about the model as a whole, where the condition has one.
         */
        BlockStep: {
            /** Blocks */
            blocks: components["schemas"]["Block"][];
            /** Index */
            index: number;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "block";
            /** Number */
            number: number | null;
            /** Of */
            of: number;
            /** Overview */
            overview?: components["schemas"]["Block"][];
            /** Preload */
            preload?: string[];
            progress: components["schemas"]["Progress"];
            /** Title */
            title: string;
        };
        /**
         * BreakStep
         * @description A rest between two blocks, of at least `seconds`. Completed with {}.
         */
        BreakStep: {
            /** Blocks */
            blocks: components["schemas"]["Block"][];
            /** Index */
            index: number;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "break";
            /** Preload */
            preload?: string[];
            progress: components["schemas"]["Progress"];
            /** Seconds */
            seconds: number;
            /** Title */
            title: string;
        };
        /** Change */
        Change: {
            /** After */
            after: string;
            /** Before */
            before: string;
            /** Label */
            label: string;
        };
        /**
         * ConsentStep
         * @description Completed with {accepted: bool, version: str}.
         */
        ConsentStep: {
            /** Blocks */
            blocks: components["schemas"]["Block"][];
            /** Index */
            index: number;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "consent";
            /** Preload */
            preload?: string[];
            progress: components["schemas"]["Progress"];
            /** Title */
            title: string;
            /** Version */
            version: string;
        };
        /**
         * Contour
         * @description A line of a contour: the share of the scale that it runs around, and how it is drawn.
         */
        Contour: {
            /** Colour */
            colour: string;
            /** Share */
            share: number;
            /** Width */
            width: number;
        };
        /**
         * DebriefingStep
         * @description Completed with {}.
         */
        DebriefingStep: {
            /** Blocks */
            blocks: components["schemas"]["Block"][];
            /** Index */
            index: number;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "debriefing";
            /** Preload */
            preload?: string[];
            progress: components["schemas"]["Progress"];
            /** Title */
            title: string;
        };
        /**
         * DecisionData
         * @description What completing a decision step carries. Times are in seconds, with fractions of milliseconds.
         *
         *     Exactly one of `decision`, `delegated`, `requested` and `timed_out` is given; a stage with nothing to answer (wait,
         *     handled) has none, a supervised one `vetoed` with a decision, or neither. `confidence` is in [0, 1].
         */
        DecisionData: {
            /**
             * Changes
             * @description how often the choice was changed before confirming
             * @default 0
             */
            changes: number;
            /**
             * Confidence
             * @default null
             */
            confidence: number | null;
            /**
             * Count
             * @description items handed over at once, this one included
             * @default 1
             */
            count: number;
            /**
             * Decision
             * @default null
             */
            decision: string | number | null;
            /**
             * Delegated
             * @default false
             */
            delegated: boolean;
            /**
             * Explanation Opened
             * @default null
             */
            explanation_opened: boolean | null;
            /**
             * Explanation Seconds
             * @description time with the explanation visible
             * @default null
             */
            explanation_seconds: number | null;
            /**
             * Hover
             * @description seconds with the pointer over each part of the page
             */
            hover?: {
                [key: string]: number;
            };
            /**
             * @description only where the step has `record_mouse`
             * @default null
             */
            mouse: components["schemas"]["Mouse"] | null;
            /**
             * Onset
             * @description browser's clock at the frame in which the item appeared, in milliseconds
             * @default null
             */
            onset: number | null;
            /**
             * Opacity
             * @default null
             */
            opacity: number | null;
            /**
             * Reason
             * @default null
             */
            reason: string | null;
            /**
             * Requested
             * @description the advice was asked for; of the stage `open`
             * @default false
             */
            requested: boolean;
            /**
             * Seconds
             * @description from the frame in which the item appeared to the confirmation
             */
            seconds: number;
            /**
             * Timed Out
             * @default false
             */
            timed_out: boolean;
            /**
             * Vetoed
             * @description of the stage `supervised`
             * @default false
             */
            vetoed: boolean;
        };
        /**
         * DecisionStep
         * @description One decision. Completed with `DecisionData`.
         *
         *     `stage` initial: before the advice; final: after it (`initial` is what the operator chose);
         *     single: the only one; open: the operator decides or asks for the advice; wait: the item alone for `wait_seconds`,
         *     nothing to answer; supervised: the model has decided (`advice`), the operator may veto it with a decision of their
         *     own for `veto_seconds`, after which the page goes on by itself; handled: the model has decided, the operator is
         *     told. An `explanation` without `advice` is the model's evidence alone. `most_seconds`: after that time the page goes
         *     on with `timed_out`. `ask_reason`: a final answer other than `initial` needs a reason. `instruction` is set for
         *     attention checks, which show no item. `record_mouse`: the pointer is followed. An item is a picture or the lines of
         *     a case file, with a note that only the operator gets; the answer is one of the options, or a number where there is
         *     a scale.
         */
        DecisionStep: {
            advice: components["schemas"]["Advice"] | null;
            /** Ask Confidence */
            ask_confidence: boolean;
            /**
             * Ask Reason
             * @default false
             */
            ask_reason: boolean;
            /** Case */
            case?: components["schemas"]["Line"][];
            /**
             * Delegate Most
             * @default 1
             */
            delegate_most: number;
            explanation: components["schemas"]["Explanation"] | null;
            /** Index */
            index: number;
            /** Initial */
            initial: string | number | null;
            /** Initial Confidence */
            initial_confidence: number | null;
            /** Instruction */
            instruction: string | null;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "decision";
            /** May Delegate */
            may_delegate: boolean;
            /**
             * May Request
             * @default false
             */
            may_request: boolean;
            /**
             * Most Seconds
             * @default null
             */
            most_seconds: number | null;
            /**
             * Note
             * @default null
             */
            note: string | null;
            /** Options */
            options: components["schemas"]["Option"][];
            picture: components["schemas"]["Picture"] | null;
            /** Practice */
            practice: boolean;
            /** Preload */
            preload?: string[];
            /**
             * Price
             * @default null
             */
            price: number | null;
            progress: components["schemas"]["Progress"];
            /** Question */
            question: string;
            /**
             * Record Mouse
             * @default false
             */
            record_mouse: boolean;
            /** @default null */
            scale: components["schemas"]["Scale"] | null;
            /** @default null */
            score: components["schemas"]["Score"] | null;
            /**
             * Stage
             * @enum {string}
             */
            stage: "initial" | "final" | "single" | "open" | "wait" | "supervised" | "handled";
            /** Trial */
            trial: number;
            /** Trials */
            trials: number;
            /**
             * Veto Price
             * @default null
             */
            veto_price: number | null;
            /**
             * Veto Seconds
             * @default null
             */
            veto_seconds: number | null;
            /**
             * Wait Seconds
             * @default null
             */
            wait_seconds: number | null;
        };
        /**
         * DeviceStep
         * @description What the study asks of the device. Completed with {width, height: CSS pixels, keyboard, touch: bool}.
         *
         *     A window that is too small is the operator's to enlarge; the server refuses it.
         */
        DeviceStep: {
            /** Blocks */
            blocks: components["schemas"]["Block"][];
            /** Height */
            height: number;
            /** Index */
            index: number;
            /** Keyboard */
            keyboard: boolean;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "device";
            /** Preload */
            preload?: string[];
            progress: components["schemas"]["Progress"];
            /** Title */
            title: string;
            /** Width */
            width: number;
        };
        /**
         * DoneStep
         * @description The last step; nothing completes it.
         */
        DoneStep: {
            /** Blocks */
            blocks: components["schemas"]["Block"][];
            /** Code */
            code: string;
            /** Index */
            index: number;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "done";
            /** Preload */
            preload?: string[];
            progress: components["schemas"]["Progress"];
            /** Title */
            title: string;
            /** Url */
            url: string | null;
        };
        /**
         * Event
         * @description Something that happened in the browser. `complete` events end a step; others only inform.
         */
        Event: {
            /** Data */
            data?: {
                [key: string]: unknown;
            };
            /**
             * Id
             * @description made by the browser; sent twice, stored once
             */
            id: string;
            /** Step */
            step: number;
            /**
             * Time
             * @description the browser's clock, ISO 8601 with milliseconds
             */
            time: string;
            /** Type */
            type: string;
        };
        /** EventBatch */
        EventBatch: {
            /** Events */
            events: components["schemas"]["Event"][];
        };
        /**
         * Example
         * @description Another item and its right answer in words: a picture, or the lines of a case file.
         *
         *     `kind`: alike (near to the item), prototype (typical of its answer), contrast (near, with another answer);
         *     `similarity` from 0 to 1, None where there is none.
         */
        Example: {
            /** Case */
            case?: components["schemas"]["Line"][];
            /**
             * Kind
             * @enum {string}
             */
            kind: "alike" | "prototype" | "contrast";
            /** Label */
            label: string;
            /** @default null */
            picture: components["schemas"]["Picture"] | null;
            /**
             * Similarity
             * @default null
             */
            similarity: number | null;
        };
        /**
         * Explanation
         * @description What explains the advice; `kind` says which of the fields there are.
         *
         *     overlay, contour, regions: `picture`, to lay over the item's (same aspect ratio, transparent where it says nothing);
         *     side_by_side: `picture`, to show beside it. `legend` is the scale of overlay and side_by_side, `contours` and
         *     `regions` say how these read. bars: `bars`. examples and counterfactuals: lists. `sentence`: alone, or beneath maps
         *     and bars.
         */
        Explanation: {
            /** @default null */
            bars: components["schemas"]["Bars"] | null;
            /** Contours */
            contours?: components["schemas"]["Contour"][];
            /** Counterfactuals */
            counterfactuals?: components["schemas"]["Alternative"][];
            /** Examples */
            examples?: components["schemas"]["Example"][];
            /**
             * Kind
             * @enum {string}
             */
            kind: "overlay" | "contour" | "regions" | "side_by_side" | "bars" | "sentence" | "examples" | "counterfactuals";
            /** @default null */
            legend: components["schemas"]["Legend"] | null;
            /** @default null */
            picture: components["schemas"]["Picture"] | null;
            /** @default null */
            regions: components["schemas"]["Regions"] | null;
            /**
             * Sentence
             * @default null
             */
            sentence: string | null;
        };
        /**
         * FeedbackStep
         * @description After a practice trial, or by condition. Completed with {}.
         */
        FeedbackStep: {
            /** Advice */
            advice: string | null;
            /** Case */
            case?: components["schemas"]["Line"][];
            /** Chosen */
            chosen: string;
            /** Correct */
            correct: boolean;
            /** Index */
            index: number;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "feedback";
            picture: components["schemas"]["Picture"] | null;
            /** Preload */
            preload?: string[];
            progress: components["schemas"]["Progress"];
            /** Truth */
            truth: string;
        };
        /**
         * InstructionsStep
         * @description Completed with {}.
         */
        InstructionsStep: {
            /** Index */
            index: number;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "instructions";
            /** Pages */
            pages: components["schemas"]["Block"][][];
            /** Preload */
            preload?: string[];
            progress: components["schemas"]["Progress"];
        };
        /** Legend */
        Legend: {
            /** Colours */
            colours: string[];
            /** High */
            high: string;
            /** Low */
            low: string;
        };
        /**
         * Line
         * @description A line of a case file: what is known, its value in words with its unit, and what it means.
         */
        Line: {
            /**
             * Help
             * @default
             */
            help: string;
            /** Id */
            id: string;
            /** Label */
            label: string;
            /** Value */
            value: string;
        };
        /**
         * Mouse
         * @description Where the pointer went on a page: CSS pixels from the window's upper left corner, `width` by `height` of them.
         */
        Mouse: {
            /** Height */
            height: number;
            /**
             * Samples
             * @description milliseconds since the page appeared, x, y; 0 for a move, 1 for a button pressed, 2 for released
             */
            samples: number[][];
            /**
             * Targets
             * @description of each part of the page as it appeared: x and y of its corner, width, height
             */
            targets: {
                [key: string]: number[];
            };
            /** Width */
            width: number;
        };
        /**
         * NewSession
         * @description Opens a session. The browser makes the token (128 random bits or more, base64url) and keeps it:
         *     opening twice with one token gives the same session, so that a lost answer costs nothing.
         */
        NewSession: {
            /**
             * External Id
             * @default null
             */
            external_id: string | null;
            /** Language */
            language: string;
            /** Token */
            token: string;
        };
        /**
         * OfferData
         * @description What completing an offer carries.
         */
        OfferData: {
            /**
             * Count
             * @default 1
             */
            count: number;
            /** Delegated */
            delegated: boolean;
            /** Seconds */
            seconds: number;
        };
        /**
         * OfferStep
         * @description Before an item is seen: decide oneself, or hand it over, alone or with the next ones. Completed with `OfferData`.
         *
         *     Attributes:
         *         most: how many items may be handed over now.
         *         price: points that each costs, None where the study has no rewards.
         */
        OfferStep: {
            /** Index */
            index: number;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "offer";
            /** Most */
            most: number;
            /** Practice */
            practice: boolean;
            /** Preload */
            preload?: string[];
            /** Price */
            price: number | null;
            progress: components["schemas"]["Progress"];
            /** @default null */
            score: components["schemas"]["Score"] | null;
            /** Trial */
            trial: number;
            /** Trials */
            trials: number;
        };
        /**
         * Option
         * @description One possible decision; `key` is the keyboard key that chooses it.
         */
        Option: {
            /** Id */
            id: string;
            /** Key */
            key: string;
            /** Label */
            label: string;
        };
        /**
         * Picture
         * @description A picture; `url` is relative to the server and works only with the session's token.
         */
        Picture: {
            /** Alt */
            alt: string;
            /** Height */
            height: number;
            /** Url */
            url: string;
            /** Width */
            width: number;
        };
        /**
         * PreviewCall
         * @description Asks for a page of a preview; with `complete`, completes it first.
         *
         *     Attributes:
         *         condition: whose block the preview begins at.
         *         cursor: the step that is shown; None for the condition's block.
         *         answers: what completed the steps before, by their index.
         *         complete: the data that complete the step at `cursor`.
         */
        PreviewCall: {
            /** Answers */
            answers?: {
                [key: string]: {
                    [key: string]: unknown;
                };
            };
            /**
             * Complete
             * @default null
             */
            complete: {
                [key: string]: unknown;
            } | null;
            /** Condition */
            condition: string;
            /**
             * Cursor
             * @default null
             */
            cursor: number | null;
            /** Language */
            language: string;
        };
        /**
         * PreviewPlace
         * @description A step that a preview may begin at; `block` counts from 0.
         */
        PreviewPlace: {
            /** Block */
            block: number | null;
            /** Condition */
            condition: string | null;
            /** Index */
            index: number;
            /** Kind */
            kind: string;
            /** Practice */
            practice: boolean;
            /** Questionnaire */
            questionnaire: string | null;
        };
        /**
         * PreviewState
         * @description The page to show; `refusal` says why the data were not taken, in the operator's language.
         */
        PreviewState: {
            /** Conditions */
            conditions: string[];
            /** Language */
            language: string;
            /** Places */
            places: components["schemas"]["PreviewPlace"][];
            /** Refusal */
            refusal: string | null;
            /** Step */
            step: components["schemas"]["ConsentStep"] | components["schemas"]["DeviceStep"] | components["schemas"]["InstructionsStep"] | components["schemas"]["BlockStep"] | components["schemas"]["OfferStep"] | components["schemas"]["DecisionStep"] | components["schemas"]["FeedbackStep"] | components["schemas"]["QuestionnaireStep"] | components["schemas"]["BreakStep"] | components["schemas"]["ReturnStep"] | components["schemas"]["DebriefingStep"] | components["schemas"]["DoneStep"];
        };
        /**
         * Progress
         * @description Where the operator is: steps done of the total, and an estimate of the minutes left.
         */
        Progress: {
            /** Done */
            done: number;
            /** Minutes Left */
            minutes_left: number;
            /** Total */
            total: number;
        };
        /**
         * Question
         * @description `slider` uses low, high, step and end labels; `likert` one label a point; `choice` options, of which `many` may
         *     be chosen at once; `matrix` is a Likert item a row, answered under the rows' ids. A Likert item and a
         *     matrix may have `options` beside their points, such as no response. `show_if`: asked only when the question of that
         *     id was answered with one of the values; then, and only then, it may be answered.
         */
        Question: {
            /**
             * Help
             * @default
             */
            help: string;
            /**
             * High
             * @default 100
             */
            high: number;
            /** Id */
            id: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "slider" | "likert" | "choice" | "text" | "number" | "matrix";
            /** Labels */
            labels?: string[];
            /**
             * Low
             * @default 0
             */
            low: number;
            /**
             * Many
             * @default false
             */
            many: boolean;
            /** Options */
            options?: components["schemas"]["Option"][];
            /**
             * Required
             * @default true
             */
            required: boolean;
            /** Rows */
            rows?: components["schemas"]["Row"][];
            /** Show If */
            show_if?: {
                [key: string]: (string | number)[];
            };
            /**
             * Step
             * @default 1
             */
            step: number;
            /** Text */
            text: string;
        };
        /**
         * QuestionnaireStep
         * @description Completed with {answers: {question id: number | string | list of strings | null}}.
         *
         *     `retry`: what to say of an earlier, failed attempt.
         */
        QuestionnaireStep: {
            /** Id */
            id: string;
            /** Index */
            index: number;
            /** Introduction */
            introduction: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "questionnaire";
            /** Note */
            note: string;
            /** Preload */
            preload?: string[];
            progress: components["schemas"]["Progress"];
            /** Questions */
            questions: components["schemas"]["Question"][];
            /**
             * Retry
             * @default
             */
            retry: string;
            /** Title */
            title: string;
        };
        /**
         * Regions
         * @description What stays clear: at most that share of the picture, in at most so many connected regions (None: any number).
         */
        Regions: {
            /**
             * Count
             * @default null
             */
            count: number | null;
            /** Share */
            share: number;
        };
        /**
         * ReturnStep
         * @description The next sitting begins here, from `opens` on (ISO 8601, UTC). Completed with {}, refused before that time.
         *
         *     `opens` is None when it is time.
         */
        ReturnStep: {
            /** Blocks */
            blocks: components["schemas"]["Block"][];
            /** Index */
            index: number;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "return";
            /** Opens */
            opens: string | null;
            /** Preload */
            preload?: string[];
            progress: components["schemas"]["Progress"];
            /** Title */
            title: string;
        };
        /**
         * Row
         * @description A line of a matrix question.
         */
        Row: {
            /** Id */
            id: string;
            /** Text */
            text: string;
        };
        /**
         * Scale
         * @description Where the task is to estimate a number: from `low` to `high` by `step`, in `unit`.
         */
        Scale: {
            /** High */
            high: number;
            /** Low */
            low: number;
            /** Step */
            step: number;
            /** Unit */
            unit: string;
        };
        /**
         * Score
         * @description Points so far, and those that the last trial brought, None before the first.
         */
        Score: {
            /** Last */
            last: number | null;
            /** Points */
            points: number;
        };
        /**
         * SessionState
         * @description Answer to every call: which events are on disk now, and the step to show.
         */
        SessionState: {
            /** Language */
            language: string;
            /**
             * Refused
             * @description event id to the reason, in the operator's language
             */
            refused?: {
                [key: string]: string;
            };
            /** Step */
            step: components["schemas"]["ConsentStep"] | components["schemas"]["DeviceStep"] | components["schemas"]["InstructionsStep"] | components["schemas"]["BlockStep"] | components["schemas"]["OfferStep"] | components["schemas"]["DecisionStep"] | components["schemas"]["FeedbackStep"] | components["schemas"]["QuestionnaireStep"] | components["schemas"]["BreakStep"] | components["schemas"]["ReturnStep"] | components["schemas"]["DebriefingStep"] | components["schemas"]["DoneStep"];
            /** Stored */
            stored?: string[];
        };
        /**
         * StudyInfo
         * @description What the first page needs before a session exists.
         */
        StudyInfo: {
            /** Languages */
            languages: string[];
            /** Open */
            open: boolean;
            /** Study */
            study: string;
            /** Title */
            title: {
                [key: string]: string;
            };
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type Advice = components['schemas']['Advice'];
export type Alternative = components['schemas']['Alternative'];
export type Bars = components['schemas']['Bars'];
export type Block = components['schemas']['Block'];
export type BlockStep = components['schemas']['BlockStep'];
export type BreakStep = components['schemas']['BreakStep'];
export type Change = components['schemas']['Change'];
export type ConsentStep = components['schemas']['ConsentStep'];
export type Contour = components['schemas']['Contour'];
export type DebriefingStep = components['schemas']['DebriefingStep'];
export type DecisionData = components['schemas']['DecisionData'];
export type DecisionStep = components['schemas']['DecisionStep'];
export type DeviceStep = components['schemas']['DeviceStep'];
export type DoneStep = components['schemas']['DoneStep'];
export type Event = components['schemas']['Event'];
export type EventBatch = components['schemas']['EventBatch'];
export type Example = components['schemas']['Example'];
export type Explanation = components['schemas']['Explanation'];
export type FeedbackStep = components['schemas']['FeedbackStep'];
export type InstructionsStep = components['schemas']['InstructionsStep'];
export type Legend = components['schemas']['Legend'];
export type Line = components['schemas']['Line'];
export type Mouse = components['schemas']['Mouse'];
export type NewSession = components['schemas']['NewSession'];
export type OfferData = components['schemas']['OfferData'];
export type OfferStep = components['schemas']['OfferStep'];
export type Option = components['schemas']['Option'];
export type Picture = components['schemas']['Picture'];
export type PreviewCall = components['schemas']['PreviewCall'];
export type PreviewPlace = components['schemas']['PreviewPlace'];
export type PreviewState = components['schemas']['PreviewState'];
export type Progress = components['schemas']['Progress'];
export type Question = components['schemas']['Question'];
export type QuestionnaireStep = components['schemas']['QuestionnaireStep'];
export type Regions = components['schemas']['Regions'];
export type ReturnStep = components['schemas']['ReturnStep'];
export type Row = components['schemas']['Row'];
export type Scale = components['schemas']['Scale'];
export type Score = components['schemas']['Score'];
export type SessionState = components['schemas']['SessionState'];
export type StudyInfo = components['schemas']['StudyInfo'];
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
